"use client";

import { type MouseEvent, useActionState, useEffect, useRef, useState } from "react";
import {
  AlertDialog,
  AlertDialogCancel,
  AlertDialogContent,
  AlertDialogDescription,
  AlertDialogFooter,
  AlertDialogHeader,
  AlertDialogTitle,
} from "#app/_ui/alert-dialog.tsx";
import { Button } from "#app/_ui/button.tsx";
import { Spinner } from "#app/_ui/spinner.tsx";
import { giveCreditAction } from "#app/(operator)/operator/actions.ts";
import { EntryField } from "#app/(public)/_entry/entry-field.tsx";

type Props = {
  workspaceId: string;
  name: string;
  /** Of this form: sent twice, it gives once. */
  nonce: string;
  /** YYYY-MM-DD */
  today: string;
};

/** Gives credit by hand, after naming the amount and the person once more. */
export function CreditForm({ workspaceId, name, nonce, today }: Props) {
  const [state, send, isPending] = useActionState(giveCreditAction, null);
  const [asked, setAsked] = useState<{ amount: string; until: string } | null>(null);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (state !== null) setAsked(null);
  }, [state]);
  const typed = state?.ok === false ? state.typed : {};
  const problems = Object.fromEntries(
    (state?.ok === false ? (state.fields ?? []) : []).map(({ path, message }) => [path, message]),
  );
  const ask = (event: MouseEvent) => {
    if (form.current === null || !form.current.reportValidity()) return event.preventDefault();
    event.preventDefault();
    const said = new FormData(form.current);
    setAsked({ amount: String(said.get("amountUsd")), until: String(said.get("expiresOn")) });
  };
  return (
    <section aria-labelledby="give-credit" className="rounded-xl border bg-card p-6">
      <h2 id="give-credit" className="mb-4 font-semibold">
        Give credit
      </h2>
      {/* A new form gives anew: the key forgets what was typed into the one before it. */}
      <form
        id="credit"
        key={nonce}
        ref={form}
        action={send}
        className="grid gap-x-4 sm:grid-cols-[8rem_11rem_1fr_auto]"
      >
        <input type="hidden" name="workspaceId" value={workspaceId} />
        <input type="hidden" name="nonce" value={nonce} />
        <EntryField
          label="US dollars"
          name="amountUsd"
          inputMode="decimal"
          autoComplete="off"
          required
          defaultValue={typed.amountUsd}
          problem={problems.amountUsd}
        />
        <EntryField
          label="Until"
          name="expiresOn"
          type="date"
          min={today}
          required
          defaultValue={typed.expiresOn}
          problem={problems.expiresOn}
        />
        <EntryField
          label="Reason"
          name="reason"
          autoComplete="off"
          maxLength={300}
          required
          hint="Stands in the audit trail."
          defaultValue={typed.reason}
          problem={problems.reason}
        />
        <Button type="submit" onClick={ask} disabled={isPending} className="h-10 sm:mt-6.5">
          Give credit
        </Button>
      </form>
      <p role="status" className="text-sm text-success empty:hidden">
        {state?.ok === true && state.value}
      </p>
      <p role="alert" className="text-danger text-sm empty:hidden">
        {state?.ok === false && state.fields === undefined && state.message}
      </p>
      <AlertDialog open={asked !== null} onOpenChange={(open) => !open && setAsked(null)}>
        <AlertDialogContent>
          <AlertDialogHeader>
            <AlertDialogTitle>
              Give ${asked?.amount.replace(/^\$/, "")} to {name}?
            </AlertDialogTitle>
            <AlertDialogDescription>
              It can be spent at once, and what is left of it on {asked?.until} expires with that day.
            </AlertDialogDescription>
          </AlertDialogHeader>
          <AlertDialogFooter>
            <AlertDialogCancel>Do not give</AlertDialogCancel>
            <Button type="submit" form="credit" disabled={isPending}>
              {isPending && <Spinner />}
              Give it
            </Button>
          </AlertDialogFooter>
        </AlertDialogContent>
      </AlertDialog>
    </section>
  );
}
