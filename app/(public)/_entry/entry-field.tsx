"use client";

import { type ComponentProps, useId } from "react";
import { Input } from "#app/_ui/input.tsx";
import { Label } from "#app/_ui/label.tsx";

type Props = Omit<ComponentProps<typeof Input>, "id"> & {
  label: string;
  name: string;
  /** Shown until there is something wrong; the line is kept free for it, so that nothing moves. */
  hint?: string;
  problem?: string | undefined;
};

/** A labelled field with a line under it for a hint or for what is wrong. */
export function EntryField({ label, hint, problem, ...input }: Props) {
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
