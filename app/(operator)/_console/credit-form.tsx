"use client";

import { useLocale, useTranslations } from "next-intl";
import { type MouseEvent, useActionState, useEffect, useRef, useState } from "react";
import { Button } from "#app/_ui/button.tsx";
import { FormField } from "#app/_ui/form-field.tsx";
import {
  AlertDialog,
  AlertDialogCancel,
  AlertDialogContent,
  AlertDialogDescription,
  AlertDialogFooter,
  AlertDialogHeader,
  AlertDialogTitle,
} from "#app/_ui/overlays/alert-dialog.tsx";
import { Spinner } from "#app/_ui/spinner.tsx";
import { giveCreditAction } from "#app/(operator)/operator/actions.ts";
import { useStepUpForm } from "#app/(workspace)/_step-up/step-up-provider.tsx";
import { formatsFor } from "#lib/core/formats.ts";
import { microsPerUsd } from "#lib/core/money.ts";

type Props = {
  workspaceId: string;
  name: string;
  /** Makes the form idempotent: submitted twice, it grants the credit once. */
  nonce: string;
  /** YYYY-MM-DD */
  today: string;
};

/** Grants credit manually, after a confirmation dialog with the amount and the user's name. */
export function CreditForm({ workspaceId, name, nonce, today }: Props) {
  const t = useTranslations("grantCredit");
  const { date, money } = formatsFor(useLocale());
  const [state, send, isPending] = useActionState(useStepUpForm(giveCreditAction), null);
  const [confirming, setConfirming] = useState<{ amount: string; until: string } | null>(null);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (state !== null) setConfirming(null);
  }, [state]);
  const typed = state?.ok === false ? state.submitted : {};
  const problems = Object.fromEntries(
    (state?.ok === false ? (state.fields ?? []) : []).map(({ path, message }) => [path, message]),
  );
  const askForConfirmation = (event: MouseEvent) => {
    if (form.current === null || !form.current.reportValidity()) return event.preventDefault();
    event.preventDefault();
    const data = new FormData(form.current);
    setConfirming({ amount: String(data.get("amountUsd")), until: String(data.get("expiresOn")) });
  };
  return (
    <section aria-labelledby="give-credit" className="rounded-xl border bg-card p-6">
      <h2 id="give-credit" className="mb-4 font-semibold">
        {t("title")}
      </h2>
      {/* The key resets the form once its nonce is used. */}
      <form
        id="credit"
        key={nonce}
        ref={form}
        action={send}
        className="grid gap-x-4 sm:grid-cols-[8rem_11rem_1fr_auto]"
      >
        <input type="hidden" name="workspaceId" value={workspaceId} />
        <input type="hidden" name="nonce" value={nonce} />
        <FormField
          label={t("amount")}
          name="amountUsd"
          inputMode="decimal"
          autoComplete="off"
          required
          defaultValue={typed.amountUsd}
          problem={problems.amountUsd}
        />
        <FormField
          label={t("until")}
          name="expiresOn"
          type="date"
          min={today}
          required
          defaultValue={typed.expiresOn}
          problem={problems.expiresOn}
        />
        <FormField
          label={t("reason")}
          name="reason"
          autoComplete="off"
          maxLength={300}
          required
          hint={t("reasonHint")}
          defaultValue={typed.reason}
          problem={problems.reason}
        />
        <Button type="submit" onClick={askForConfirmation} disabled={isPending} className="h-10 sm:mt-6.5">
          {t("submit")}
        </Button>
      </form>
      <p role="status" className="text-sm text-success empty:hidden">
        {state?.ok === true && state.value}
      </p>
      <p role="alert" className="text-danger text-sm empty:hidden">
        {state?.ok === false && state.fields === undefined && state.message}
      </p>
      <AlertDialog open={confirming !== null} onOpenChange={(open) => !open && setConfirming(null)}>
        <AlertDialogContent>
          <AlertDialogHeader>
            <AlertDialogTitle>
              {t("confirmTitle", { amount: money(toMicros(confirming?.amount ?? "")), name })}
            </AlertDialogTitle>
            <AlertDialogDescription>
              {t("confirmDescription", { date: confirming === null ? "" : date(confirming.until) })}
            </AlertDialogDescription>
          </AlertDialogHeader>
          <AlertDialogFooter>
            <AlertDialogCancel>{t("cancel")}</AlertDialogCancel>
            <Button type="submit" form="credit" disabled={isPending}>
              {isPending && <Spinner />}
              {t("confirm")}
            </Button>
          </AlertDialogFooter>
        </AlertDialogContent>
      </AlertDialog>
    </section>
  );
}

/** Parses an amount as typed ("5", "$2.50", "2,50"); the action validates it. */
function toMicros(typed: string): number {
  return Math.round((Number(typed.replace("$", "").replace(",", ".")) || 0) * microsPerUsd);
}
