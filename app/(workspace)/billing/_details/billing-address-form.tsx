"use client";

import { useTranslations } from "next-intl";
import { useActionState, useId } from "react";
import type { FormState } from "#app/_http/action.ts";
import { Button } from "#app/_ui/button.tsx";
import { cn } from "#app/_ui/cn.ts";
import { controlClasses, Input } from "#app/_ui/input.tsx";
import { Label } from "#app/_ui/label.tsx";
import { Spinner } from "#app/_ui/spinner.tsx";
import { saveBillingAddressAction } from "#app/(workspace)/billing/_details/details-actions.ts";
import type { PaymentDetails } from "#lib/billing/reports/payment-details.ts";

type Props = Pick<PaymentDetails, "name" | "address"> & {
  countries: readonly { code: string; name: string }[];
};
type FieldName = "name" | "line1" | "line2" | "postalCode" | "city" | "state";

const fields: { name: FieldName; autoComplete: string; isRequired?: true; isHalf?: true }[] = [
  { name: "name", autoComplete: "organization", isRequired: true },
  { name: "line1", autoComplete: "address-line1", isRequired: true },
  { name: "line2", autoComplete: "address-line2" },
  { name: "postalCode", autoComplete: "postal-code", isHalf: true },
  { name: "city", autoComplete: "address-level2", isHalf: true },
  { name: "state", autoComplete: "address-level1", isHalf: true },
];

/** The form for the name and address on invoices. Keeps the submitted values after an error. */
export function BillingAddressForm({ name, address, countries }: Props) {
  const [state, send, isPending] = useActionState(saveBillingAddressAction, null);
  const t = useTranslations("billingForms.address");
  const id = useId();
  const saved: Record<FieldName, string | null | undefined> = {
    name,
    line1: address?.line1,
    line2: address?.line2,
    postalCode: address?.postalCode,
    city: address?.city,
    state: address?.state,
  };
  return (
    <form action={send} className="grid gap-4 sm:grid-cols-2">
      {fields.map((field) => (
        <div key={field.name} className={cn("flex flex-col gap-1.5", field.isHalf || "sm:col-span-2")}>
          <Label htmlFor={`${id}-${field.name}`}>{t(field.name)}</Label>
          <Input
            id={`${id}-${field.name}`}
            name={field.name}
            autoComplete={field.autoComplete}
            required={field.isRequired}
            maxLength={field.name === "name" ? 150 : 200}
            defaultValue={typedOf(state, field.name) ?? saved[field.name] ?? ""}
            aria-invalid={fieldError(state, field.name) !== undefined || undefined}
            aria-describedby={`${id}-${field.name}-problem`}
          />
          <Problem id={`${id}-${field.name}-problem`} text={fieldError(state, field.name)} />
        </div>
      ))}
      <div className="flex flex-col gap-1.5">
        <Label htmlFor={`${id}-country`}>{t("country")}</Label>
        <select
          key={typedOf(state, "country") ?? address?.country}
          id={`${id}-country`}
          name="country"
          autoComplete="country"
          required
          defaultValue={typedOf(state, "country") ?? address?.country ?? ""}
          className={cn(controlClasses, "h-10 pointer-coarse:h-11")}
          aria-describedby={`${id}-country-problem`}
        >
          <option value="">{t("choose")}</option>
          {countries.map((country) => (
            <option key={country.code} value={country.code}>
              {country.name}
            </option>
          ))}
        </select>
        <Problem id={`${id}-country-problem`} text={fieldError(state, "country")} />
      </div>
      <div className="flex flex-wrap items-center gap-4 sm:col-span-2">
        <Button type="submit" variant="outline" disabled={isPending}>
          {isPending && <Spinner />}
          {t("save")}
        </Button>
        <p
          role="status"
          className={state?.ok === false ? "text-danger text-sm" : "text-muted-foreground text-sm"}
        >
          {state?.ok === true && t("saved")}
          {state?.ok === false && state.message}
        </p>
      </div>
    </form>
  );
}

function Problem({ id, text }: { id: string; text: string | undefined }) {
  return (
    <p id={id} className="text-danger text-sm empty:hidden">
      {text}
    </p>
  );
}

function typedOf(state: FormState<unknown>, name: string): string | undefined {
  return state?.ok === false ? state.submitted[name] : undefined;
}

function fieldError(state: FormState<unknown>, name: string): string | undefined {
  return state?.ok === false ? state.fields?.find(({ path }) => path === name)?.message : undefined;
}
