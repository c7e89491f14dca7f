"use client";

import { type ReactNode, useActionState, useEffect, useRef } from "react";
import type { FormAction, FormState } from "#app/_http/action.ts";
import { SubmitButton } from "#app/(public)/_auth/submit-button.tsx";

/** The result of the last submit, for the form's fields. */
export type FormFeedback = {
  problems: Record<string, string | undefined>;
  submitted: Record<string, string>;
};

type Props<T> = {
  action: FormAction<T>;
  submit: string;
  /** Values of hidden fields. */
  hidden?: Record<string, string | undefined>;
  fields?: (feedback: FormFeedback) => ReactNode;
  /** Replaces the form after a successful submit. */
  done?: (value: T) => ReactNode;
};

/** A form that calls a server action, shows problems next to their fields, and works without JavaScript. */
export function AuthForm<T>({ action, submit, hidden = {}, fields, done }: Props<T>) {
  const [state, send, pending] = useActionState<FormState<T>, FormData>(action, null);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (state !== null && !state.ok)
      form.current?.querySelector<HTMLInputElement>('[aria-invalid="true"]')?.focus();
  }, [state]);
  if (state?.ok && done !== undefined) return done(state.value);
  return (
    <form ref={form} action={send} className="flex flex-col gap-3">
      {Object.entries(hidden).map(
        ([name, value]) =>
          value !== undefined && <input key={name} type="hidden" name={name} value={value} />,
      )}
      {fields?.(toFormFeedback(state))}
      <Message state={state} />
      <SubmitButton pending={pending}>{submit}</SubmitButton>
    </form>
  );
}

function toFormFeedback<T>(state: FormState<T>): FormFeedback {
  const problems: Record<string, string | undefined> = {};
  for (const { path, message } of (state?.ok === false ? state.fields : undefined) ?? [])
    problems[path] ??= message;
  return { problems, submitted: state?.submitted ?? {} };
}

/** The error message, if the error does not belong to single fields. */
function Message<T>({ state }: { state: FormState<T> }) {
  if (state === null || state.ok || (state.fields?.length ?? 0) > 0) return null;
  return (
    <p role="alert" className="text-danger text-sm">
      {state.message}
    </p>
  );
}
