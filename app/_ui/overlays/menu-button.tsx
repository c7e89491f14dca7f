"use client";

import { lazy, Suspense, useState } from "react";
import type { MenuProps } from "#app/_ui/overlays/menu-entries.ts";

const loadMenu = () => import("#app/_ui/overlays/loaded-menu.tsx");
const LoadedMenu = lazy(async () => ({ default: (await loadMenu()).LoadedMenu }));

/**
 * A button that opens a menu. The menu's code (20 KiB) is loaded when the pointer or the focus reaches the
 * button, so that no page's first load contains it.
 */
export function MenuButton(props: MenuProps) {
  const [isOpened, setOpened] = useState(false);
  const button = (
    <button
      type="button"
      aria-haspopup="menu"
      aria-expanded={false}
      {...props.button}
      onPointerEnter={loadMenu}
      onFocus={loadMenu}
      onClick={() => setOpened(true)}
    />
  );
  if (!isOpened) return button;
  return (
    <Suspense fallback={button}>
      <LoadedMenu {...props} />
    </Suspense>
  );
}
