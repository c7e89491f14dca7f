"use client";

import { useTranslations } from "next-intl";
import { type FormEvent, useState, useTransition } from "react";
import { Button } from "#app/_ui/button.tsx";
import { FormField } from "#app/_ui/form-field.tsx";
import { controlClasses } from "#app/_ui/input.tsx";
import { useStepUp } from "#app/(workspace)/_step-up/step-up-provider.tsx";
import { createKeyAction } from "#app/(workspace)/keys/actions.ts";

const scopes = ["chat", "embeddings", "usage"] as const;
/** The days until the key expires, as the form's value, with the key of the label. */
const expiries = [
  ["", "never"],
  ["30", "in30"],
  ["90", "in90"],
  ["365", "in365"],
] as const;

/** The form for a new key's name, scopes, budget and expiry. */
export function KeyForm({ onCreated }: { onCreated: (secret: string) => void }) {
  const t = useTranslations("keys");
  const [problems, setProblems] = useState<Record<string, string>>({});
  const [pending, startTransition] = useTransition();
  const withStepUp = useStepUp();
  const create = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const input = readForm(new FormData(event.currentTarget));
    startTransition(async () => {
      const result = await withStepUp(() => createKeyAction(input));
      if (result.ok) return onCreated(result.value.secret);
      const fields = result.fields ?? [{ path: "", message: result.message }];
      setProblems(Object.fromEntries(fields.map(({ path, message }) => [path, message])));
    });
  };
  return (
    <form onSubmit={create} className="flex flex-col gap-3" noValidate>
      <FormField
        label={t("create.name")}
        name="name"
        autoComplete="off"
        maxLength={60}
        hint={t("create.nameHint")}
        problem={problems.name}
      />
      <fieldset className="flex flex-col">
        <legend className="mb-1 font-medium text-sm">{t("create.scopes")}</legend>
        {scopes.map((value) => (
          <label key={value} className="flex min-h-8 items-center gap-3 text-sm pointer-coarse:min-h-11">
            <input
              type="checkbox"
              name="scopes"
              value={value}
              defaultChecked={value === "chat"}
              className="size-4 accent-accent"
            />
            <span>
              {t(`scopes.${value}.label`)}{" "}
              <span className="text-muted-foreground">{t(`scopes.${value}.description`)}</span>
            </span>
          </label>
        ))}
        <p role="status" className="min-h-5 text-danger text-sm">
          {problems.scopes}
        </p>
      </fieldset>
      <FormField
        label={t("create.budget")}
        name="budget"
        inputMode="decimal"
        autoComplete="off"
        placeholder={t("create.budgetPlaceholder")}
        hint={t("create.budgetHint")}
        problem={problems.monthlyBudgetUsd}
      />
      <label className="flex flex-col gap-1.5 font-medium text-sm">
        {t("create.expires")}
        <select name="ends" className={`${controlClasses} h-10 font-normal pointer-coarse:h-11`}>
          {expiries.map(([value, label]) => (
            <option key={value} value={value}>
              {t(`create.expiry.${label}`)}
            </option>
          ))}
        </select>
      </label>
      <label className="flex min-h-8 items-start gap-3 pt-1 text-sm pointer-coarse:min-h-11">
        <input type="checkbox" name="cachesAnswers" className="mt-0.5 size-4 shrink-0 accent-accent" />
        <span>
          {t("cache.label")} <span className="text-muted-foreground">{t("cache.description")}</span>
        </span>
      </label>
      {problems[""] !== undefined && (
        <p role="alert" className="text-danger text-sm">
          {problems[""]}
        </p>
      )}
      <Button type="submit" disabled={pending} className="mt-3 self-end">
        {t("create.submit")}
      </Button>
    </form>
  );
}

type Input = Parameters<typeof createKeyAction>[0];

/** Converts the form to the action's input. The action validates it. */
function readForm(form: FormData): Input {
  const text = (name: string) => String(form.get(name) ?? "").trim();
  const budget = text("budget").replace(/^\$/, "").replace(",", ".");
  return {
    name: text("name"),
    scopes: scopes.filter((value) => form.getAll("scopes").includes(value)),
    monthlyBudgetUsd: budget === "" ? null : Number(budget),
    expiresInDays: text("ends") === "" ? null : Number(text("ends")),
    cachesAnswers: form.get("cachesAnswers") !== null,
  };
}
