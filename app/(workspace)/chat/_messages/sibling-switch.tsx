import { ChevronLeft, ChevronRight } from "lucide-react";
import { Button } from "#app/_ui/button.tsx";

type Props = { id: string; siblings: string[]; onSwitch: (id: string) => void };

/** Goes through the versions of a message ("2 / 3"). */
export function SiblingSwitch({ id, siblings, onSwitch }: Props) {
  const index = siblings.indexOf(id);
  const before = siblings[index - 1];
  const after = siblings[index + 1];
  if (siblings.length < 2) return null;
  return (
    <fieldset className="flex items-center text-muted-foreground text-xs tabular-nums">
      <legend className="sr-only">Versions</legend>
      <Button
        variant="ghost"
        size="icon-sm"
        aria-label="Earlier version"
        disabled={before === undefined}
        onClick={() => before !== undefined && onSwitch(before)}
      >
        <ChevronLeft aria-hidden />
      </Button>
      <span>
        {index + 1} / {siblings.length}
      </span>
      <Button
        variant="ghost"
        size="icon-sm"
        aria-label="Later version"
        disabled={after === undefined}
        onClick={() => after !== undefined && onSwitch(after)}
      >
        <ChevronRight aria-hidden />
      </Button>
    </fieldset>
  );
}
