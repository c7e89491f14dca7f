"use client";

import { type ComponentProps, type ReactNode, useActionState } from "react";
import type { FormAction } from "#app/_http/action.ts";
import { Button } from "#app/_ui/button.tsx";
import { Spinner } from "#app/_ui/spinner.tsx";

type Props = {
  action: FormAction<string>;
  /** Values of hidden fields. */
  fields?: Record<string, string>;
  variant?: ComponentProps<typeof Button>["variant"];
  children: ReactNode;
};

/** A button that calls a server action and shows a spinner, then the result or the error. */
export function OperatorActionButton({ action, fields = {}, variant = "outline", children }: Props) {
  const [state, send, isPending] = useActionState(action, null);
  return (
    <form action={send} className="flex flex-wrap items-center gap-x-3 gap-y-1">
      {Object.entries(fields).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <Button type="submit" variant={variant} size="sm" disabled={isPending}>
        {isPending && <Spinner />}
        {children}
      </Button>
      <p role="status" className="text-pretty text-muted-foreground text-sm empty:hidden">
        {state?.ok === true && state.value}
      </p>
      <p role="alert" className="text-pretty text-danger text-sm empty:hidden">
        {state?.ok === false && state.message}
      </p>
    </form>
  );
}
