import { ChevronLeft, ChevronRight } from "lucide-react";
import { Button } from "#app/_ui/button.tsx";

type Props = { id: string; siblings: string[]; onSwitch: (id: string) => void };

/** Buttons to switch between the versions of a message ("2 / 3"). */
export function SiblingSwitch({ id, siblings, onSwitch }: Props) {
  const index = siblings.indexOf(id);
  const previous = siblings[index - 1];
  const next = siblings[index + 1];
  if (siblings.length < 2) return null;
  return (
    <fieldset className="flex items-center text-muted-foreground text-xs tabular-nums">
      <legend className="sr-only">Versions</legend>
      <Button
        variant="ghost"
        size="icon-sm"
        aria-label="Earlier version"
        disabled={previous === undefined}
        onClick={() => previous !== undefined && onSwitch(previous)}
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
        disabled={next === undefined}
        onClick={() => next !== undefined && onSwitch(next)}
      >
        <ChevronRight aria-hidden />
      </Button>
    </fieldset>
  );
}
