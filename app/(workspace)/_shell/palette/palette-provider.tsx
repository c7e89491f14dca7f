"use client";

import {
  createContext,
  lazy,
  type ReactNode,
  Suspense,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useState,
} from "react";
import { isComposing } from "#app/_ui/is-composing.ts";

const CommandPalette = lazy(() => import("#app/(workspace)/_shell/palette/command-palette.tsx"));
const ShortcutSheet = lazy(() => import("#app/(workspace)/_shell/palette/shortcut-sheet.tsx"));

type Opened = "palette" | "shortcuts" | null;
type Openers = { openPalette: () => void; openShortcuts: () => void };

const OpenersContext = createContext<Openers>({ openPalette: () => {}, openShortcuts: () => {} });

/**
 * Opens the command palette with Ctrl or Command and K, and the sheet of shortcuts with "?". Both are loaded
 * when they are opened for the first time.
 */
export function PaletteProvider({
  toggleSidebar,
  children,
}: {
  toggleSidebar: () => void;
  children: ReactNode;
}) {
  const [opened, setOpened] = useState<Opened>(null);
  const close = useCallback(() => setOpened(null), []);
  const openers = useMemo<Openers>(
    () => ({ openPalette: () => setOpened("palette"), openShortcuts: () => setOpened("shortcuts") }),
    [],
  );
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (isComposing(event) || event.altKey || event.defaultPrevented) return;
      const hasModifier = event.metaKey || event.ctrlKey;
      if (hasModifier && !event.shiftKey && event.key.toLowerCase() === "k") {
        event.preventDefault();
        setOpened((current) => (current === "palette" ? null : "palette"));
      }
      if (event.key === "?" && !hasModifier && !isWriting(event.target)) {
        event.preventDefault();
        openers.openShortcuts();
      }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [openers]);
  return (
    <OpenersContext value={openers}>
      {children}
      {opened !== null && (
        <Suspense>
          {opened === "palette" ? (
            <CommandPalette
              toggleSidebar={toggleSidebar}
              onShortcuts={openers.openShortcuts}
              onClose={close}
            />
          ) : (
            <ShortcutSheet onClose={close} />
          )}
        </Suspense>
      )}
    </OpenersContext>
  );
}

/** Returns functions that open the palette and the sheet of shortcuts. */
export function usePalette(): Openers {
  return useContext(OpenersContext);
}

/** Whether a key press goes into a field, or a dialog or menu is open. */
function isWriting(target: EventTarget | null): boolean {
  if (document.querySelector("[role=dialog],[role=alertdialog],[role=menu]") !== null) return true;
  return target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable=true]");
}
