import type { ComponentProps, ReactNode } from "react";

export type MenuEntry = {
  label: string;
  icon: ReactNode;
  isDestructive?: boolean;
  /** Whether a line separates the entry from the one before it. */
  startsGroup?: boolean;
} & ({ href: string } | { onSelect: () => void });

export type MenuProps = {
  entries: MenuEntry[];
  align: "start" | "end";
  /** The attributes and the content of the button. */
  button: ComponentProps<"button">;
};
