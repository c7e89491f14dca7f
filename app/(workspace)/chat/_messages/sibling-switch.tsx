import { ChevronLeft, ChevronRight } from "lucide-react";
import { useTranslations } from "next-intl";
import { Button } from "#app/_ui/button.tsx";
import type { Sibling } from "#app/(workspace)/chat/_stream/visible-branch.ts";

type Props = {
  id: string;
  siblings: Sibling[];
  /** Returns the name of a model. */
  labelOf: (model: string) => string;
  onSwitch: (id: string) => void;
};

/** Buttons to switch between the versions of a message ("2 / 3"); they name the other version's model. */
export function SiblingSwitch({ id, siblings, labelOf, onSwitch }: Props) {
  const t = useTranslations("chat.versions");
  const index = siblings.findIndex((sibling) => sibling.id === id);
  if (siblings.length < 2) return null;
  const nameOf = (direction: "previous" | "next", sibling: Sibling | undefined) =>
    sibling?.model == null ? t(direction) : t(`${direction}By`, { model: labelOf(sibling.model) });
  const buttons = [
    { sibling: siblings[index - 1], direction: "previous" as const, Icon: ChevronLeft },
    { sibling: siblings[index + 1], direction: "next" as const, Icon: ChevronRight },
  ];
  const [previous, next] = buttons.map(({ sibling, direction, Icon }) => (
    <Button
      key={direction}
      variant="ghost"
      size="icon-sm"
      aria-label={nameOf(direction, sibling)}
      title={nameOf(direction, sibling)}
      disabled={sibling === undefined}
      onClick={() => sibling !== undefined && onSwitch(sibling.id)}
    >
      <Icon aria-hidden className="rtl:-scale-x-100" />
    </Button>
  ));
  return (
    <fieldset className="flex items-center text-muted-foreground text-xs tabular-nums">
      <legend className="sr-only">{t("legend")}</legend>
      {previous}
      <span>{t("position", { index: index + 1, total: siblings.length })}</span>
      {next}
    </fieldset>
  );
}
