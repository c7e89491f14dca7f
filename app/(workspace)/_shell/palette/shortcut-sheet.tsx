"use client";

import { useTranslations } from "next-intl";
import {
  Dialog,
  DialogContent,
  DialogDescription,
  DialogHeader,
  DialogTitle,
} from "#app/_ui/overlays/dialog.tsx";

type Shortcut = {
  label:
    | "palette"
    | "newChat"
    | "sidebar"
    | "sheet"
    | "send"
    | "newLine"
    | "stop"
    | "editLast"
    | "move"
    | "menu"
    | "back"
    | "delete";
  keys: readonly string[];
};

/** "Mod" is Command on a Mac and Ctrl elsewhere. */
const groups: { label: "everywhere" | "message" | "list"; shortcuts: Shortcut[] }[] = [
  {
    label: "everywhere",
    shortcuts: [
      { label: "palette", keys: ["Mod", "K"] },
      { label: "newChat", keys: ["Mod", "Shift", "O"] },
      { label: "sidebar", keys: ["Mod", "B"] },
      { label: "sheet", keys: ["?"] },
    ],
  },
  {
    label: "message",
    shortcuts: [
      { label: "send", keys: ["Enter"] },
      { label: "newLine", keys: ["Shift", "Enter"] },
      { label: "stop", keys: ["Esc"] },
      { label: "editLast", keys: ["↑"] },
    ],
  },
  {
    label: "list",
    shortcuts: [
      { label: "move", keys: ["↑", "↓"] },
      { label: "menu", keys: ["→"] },
      { label: "back", keys: ["←"] },
      { label: "delete", keys: ["Del"] },
    ],
  },
];

/** All keyboard shortcuts. */
export default function ShortcutSheet({ onClose }: { onClose: () => void }) {
  const t = useTranslations("palette.sheet");
  const isMac = /mac|iphone|ipad/i.test(navigator.platform);
  const nameOf = (key: string) => {
    if (key === "Mod") return isMac ? "⌘" : t("keys.ctrl");
    if (key === "Shift") return isMac ? "⇧" : t("keys.shift");
    if (key === "Enter") return t("keys.enter");
    return key === "Del" ? t("keys.del") : key;
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent>
        <DialogHeader>
          <DialogTitle>{t("title")}</DialogTitle>
          <DialogDescription className="sr-only">{t("description")}</DialogDescription>
        </DialogHeader>
        {groups.map((group) => (
          <section key={group.label}>
            <h3 className="pb-1 font-medium text-muted-foreground text-xs">{t(`groups.${group.label}`)}</h3>
            <dl className="divide-y">
              {group.shortcuts.map(({ label, keys }) => (
                <div key={label} className="flex items-center justify-between gap-4 py-2 text-sm">
                  <dt>{t(`items.${label}`)}</dt>
                  <dd className="flex shrink-0 gap-1">
                    {keys.map((key) => (
                      <kbd
                        key={key}
                        className="min-w-6 rounded border bg-muted px-1.5 py-0.5 text-center font-sans text-xs"
                      >
                        {nameOf(key)}
                      </kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </DialogContent>
    </Dialog>
  );
}
