"use client";

import { useTranslations } from "next-intl";
import { useActionState, useId } from "react";
import { Button } from "#app/_ui/button.tsx";
import { cn } from "#app/_ui/cn.ts";
import { controlClasses, Input } from "#app/_ui/input.tsx";
import { Label } from "#app/_ui/label.tsx";
import { Spinner } from "#app/_ui/spinner.tsx";
import { saveTaxIdAction } from "#app/(workspace)/billing/_details/details-actions.ts";

type Props = { types: { type: string; label: string; example: string }[] };

/** The form that adds a tax ID to future invoices. Errors appear at the field. */
export function TaxIdForm({ types }: Props) {
  const [state, send, isPending] = useActionState(saveTaxIdAction, null);
  const t = useTranslations("billingForms.taxId");
  const id = useId();
  const typed = state?.ok === false ? state.submitted : {};
  const problem =
    state?.ok === false
      ? (state.fields?.map(({ message }) => message).join(" ") ?? state.message)
      : undefined;
  return (
    <form action={send} className="grid items-end gap-4 sm:grid-cols-[1fr_1fr_auto]">
      <div className="flex flex-col gap-1.5">
        <Label htmlFor={`${id}-type`}>{t("type")}</Label>
        <select
          key={typed.type}
          id={`${id}-type`}
          name="type"
          required
          defaultValue={typed.type ?? ""}
          className={cn(controlClasses, "h-10 pointer-coarse:h-11")}
        >
          <option value="">{t("choose")}</option>
          {types.map(({ type, label, example }) => (
            <option key={type} value={type}>
              {t("option", { label, example })}
            </option>
          ))}
        </select>
      </div>
      <div className="flex flex-col gap-1.5">
        <Label htmlFor={`${id}-value`}>{t("value")}</Label>
        <Input
          id={`${id}-value`}
          name="value"
          required
          maxLength={40}
          autoComplete="off"
          defaultValue={typed.value ?? ""}
          aria-invalid={problem !== undefined || undefined}
          aria-describedby={`${id}-problem`}
        />
      </div>
      <Button type="submit" variant="outline" disabled={isPending} className="h-10 pointer-coarse:h-11">
        {isPending && <Spinner />}
        {t("add")}
      </Button>
      <p
        id={`${id}-problem`}
        role="status"
        className={cn(
          "text-sm empty:hidden sm:col-span-3",
          problem === undefined ? "text-muted-foreground" : "text-danger",
        )}
      >
        {problem ?? (state?.ok === true && t("added"))}
      </p>
    </form>
  );
}
