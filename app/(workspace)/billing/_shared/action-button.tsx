"use client";

import { type ComponentProps, type ReactNode, useActionState } from "react";
import type { FormAction } from "#app/_http/action.ts";
import { Button } from "#app/_ui/button.tsx";
import { Spinner } from "#app/_ui/spinner.tsx";

type Props<T> = {
  action: FormAction<T>;
  /** Hidden form fields. */
  fields?: Record<string, string>;
  variant?: ComponentProps<typeof Button>["variant"];
  className?: string;
  children: ReactNode;
};

/**
 * A form with one button for a server action; shows its pending state and error. Works without JavaScript.
 */
export function ActionButton<T>({ action, fields = {}, variant, className, children }: Props<T>) {
  const [state, send, isPending] = useActionState(action, null);
  return (
    <form action={send} className={className}>
      {Object.entries(fields).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <Button type="submit" variant={variant} className="w-full" disabled={isPending}>
        {isPending && <Spinner />}
        {children}
      </Button>
      <p role="alert" className="mt-2 text-pretty text-danger text-sm empty:hidden">
        {state?.ok === false && state.message}
      </p>
    </form>
  );
}
