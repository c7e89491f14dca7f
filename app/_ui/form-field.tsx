"use client";

import { type ComponentProps, useId } from "react";
import { Input } from "#app/_ui/input.tsx";
import { Label } from "#app/_ui/label.tsx";

type Props = Omit<ComponentProps<typeof Input>, "id"> & {
  label: string;
  name: string;
  /**
   * Shown while there is no problem. The line is always reserved, so that a problem does not move the layout.
   */
  hint?: string;
  problem?: string | undefined;
};

/** A text field with a label and a line below it for a hint or a validation problem. */
export function FormField({ label, hint, problem, ...input }: Props) {
  const id = useId();
  const noteId = `${id}-note`;
  return (
    <div className="flex flex-col gap-1.5">
      <Label htmlFor={id}>{label}</Label>
      <Input
        id={id}
        aria-invalid={problem === undefined ? undefined : true}
        aria-describedby={noteId}
        {...input}
      />
      <p
        id={noteId}
        className={`min-h-5 text-sm leading-5 ${problem === undefined ? "text-muted-foreground" : "text-danger"}`}
      >
        {problem ?? hint}
      </p>
    </div>
  );
}
