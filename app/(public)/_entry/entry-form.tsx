"use client";

import { type ReactNode, useActionState, useEffect, useRef } from "react";
import type { FormAction, FormState } from "#app/_http/action.ts";
import { SubmitButton } from "#app/(public)/_entry/submit-button.tsx";

/** What the fields of a form need to know of its last sending. */
export type Told = { problems: Record<string, string | undefined>; typed: Record<string, string> };

type Props<T> = {
  action: FormAction<T>;
  submit: string;
  /** Sent along unseen. */
  hidden?: Record<string, string | undefined>;
  fields?: (told: Told) => ReactNode;
  /** What takes the form's place once it was answered. */
  done?: (value: T) => ReactNode;
};

/**
 * A form that works before JavaScript has loaded, and without it: it is sent to a server action, and shows what came
 * back beside the fields it is about.
 */
export function EntryForm<T>({ action, submit, hidden = {}, fields, done }: Props<T>) {
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
      {fields?.(toldBy(state))}
      <Message state={state} />
      <SubmitButton pending={pending}>{submit}</SubmitButton>
    </form>
  );
}

function toldBy<T>(state: FormState<T>): Told {
  const problems: Record<string, string | undefined> = {};
  for (const { path, message } of (state?.ok === false ? state.fields : undefined) ?? [])
    problems[path] ??= message;
  return { problems, typed: state?.typed ?? {} };
}

/** What went wrong as a whole; problems of single fields stand beside these. */
function Message<T>({ state }: { state: FormState<T> }) {
  if (state === null || state.ok || (state.fields?.length ?? 0) > 0) return null;
  return (
    <p role="alert" className="text-danger text-sm">
      {state.message}
    </p>
  );
}
