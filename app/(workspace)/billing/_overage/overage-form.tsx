"use client";

import { useTranslations } from "next-intl";
import { useActionState, useId } from "react";
import { Button } from "#app/_ui/button.tsx";
import { Input } from "#app/_ui/input.tsx";
import { Label } from "#app/_ui/label.tsx";
import { Spinner } from "#app/_ui/spinner.tsx";
import {
  enableOverageAction,
  setOverageCapAction,
} from "#app/(workspace)/billing/_overage/overage-actions.ts";

type Props = { capDollars: number; minDollars: number; maxDollars: number; enabled: boolean };

/** The form that enables overage or changes its limit, in whole US dollars. */
export function OverageForm({ capDollars, minDollars, maxDollars, enabled }: Props) {
  const t = useTranslations("billingForms.overage");
  const [state, send, isPending] = useActionState(enabled ? setOverageCapAction : enableOverageAction, null);
  const id = useId();
  const problem = state?.ok === false ? (state.fields?.[0]?.message ?? state.message) : undefined;
  return (
    <form action={send} className="flex grow flex-wrap items-end gap-x-4 gap-y-2">
      <div className="flex flex-col gap-1.5">
        <Label htmlFor={`${id}-cap`}>{t("limit")}</Label>
        <Input
          id={`${id}-cap`}
          name="capDollars"
          type="number"
          inputMode="numeric"
          min={minDollars}
          max={maxDollars}
          step={1}
          required
          defaultValue={state?.ok === false ? state.submitted.capDollars : capDollars}
          aria-invalid={problem !== undefined || undefined}
          aria-describedby={`${id}-problem`}
        />
      </div>
      <Button type="submit" variant="outline" disabled={isPending} className="h-10 pointer-coarse:h-11">
        {isPending && <Spinner />}
        {t(enabled ? "save" : "enable")}
      </Button>
      <p id={`${id}-problem`} role="alert" className="w-full text-danger text-sm empty:hidden">
        {problem}
      </p>
    </form>
  );
}
