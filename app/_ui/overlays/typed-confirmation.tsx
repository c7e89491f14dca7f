"use client";

import { type FormEvent, type ReactNode, useId, useState, useTransition } from "react";
import { Button } from "#app/_ui/button.tsx";
import { Input } from "#app/_ui/input.tsx";
import { Label } from "#app/_ui/label.tsx";
import {
  Dialog,
  DialogClose,
  DialogContent,
  DialogDescription,
  DialogFooter,
  DialogHeader,
  DialogTitle,
  DialogTrigger,
} from "#app/_ui/overlays/dialog.tsx";
import { Spinner } from "#app/_ui/spinner.tsx";

type Props = {
  /** The button that opens the dialog. */
  trigger: ReactNode;
  title: string;
  description: ReactNode;
  /** The label of the field, which names what has to be typed. */
  label: string;
  inputType?: "text" | "email";
  isExpected: (typed: string) => boolean;
  cancel: string;
  submit: string;
  /** Does it, after the text was typed. Returns the problem; null closes the dialog. */
  onConfirm: (typed: string) => Promise<string | null>;
};

/** A dialog for what cannot be undone: it asks the user to type a text. */
export function TypedConfirmation(props: Props) {
  const { trigger, title, description, label, inputType = "text", isExpected, cancel, submit } = props;
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [pending, startTransition] = useTransition();
  const inputId = useId();
  const confirm = (event: FormEvent) => {
    event.preventDefault();
    startTransition(async () => {
      const found = await props.onConfirm(typed);
      setProblem(found);
      if (found === null) setOpen(false);
    });
  };
  return (
    <Dialog open={open} onOpenChange={setOpen}>
      <DialogTrigger asChild>{trigger}</DialogTrigger>
      <DialogContent>
        <form onSubmit={confirm} className="flex flex-col gap-5">
          <DialogHeader>
            <DialogTitle>{title}</DialogTitle>
            <DialogDescription asChild>
              <div className="flex flex-col gap-3">{description}</div>
            </DialogDescription>
          </DialogHeader>
          <div className="flex flex-col gap-1.5">
            <Label htmlFor={inputId}>{label}</Label>
            <Input
              id={inputId}
              type={inputType}
              autoComplete="off"
              spellCheck={false}
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
              aria-invalid={problem !== null || undefined}
              aria-describedby={`${inputId}-note`}
            />
            <p id={`${inputId}-note`} role="status" className="min-h-5 text-danger text-sm">
              {problem}
            </p>
          </div>
          <DialogFooter>
            <DialogClose asChild>
              <Button type="button" variant="outline">
                {cancel}
              </Button>
            </DialogClose>
            <Button type="submit" variant="destructive" disabled={pending || !isExpected(typed.trim())}>
              {pending && <Spinner />}
              {submit}
            </Button>
          </DialogFooter>
        </form>
      </DialogContent>
    </Dialog>
  );
}
