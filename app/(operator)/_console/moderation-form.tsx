"use client";

import { useTranslations } from "next-intl";
import { useActionState } from "react";
import { Button } from "#app/_ui/button.tsx";
import { controlClasses } from "#app/_ui/input.tsx";
import { Spinner } from "#app/_ui/spinner.tsx";
import { saveModerationAction } from "#app/(operator)/operator/actions.ts";

type Props = {
  /** The mode of each plan, with the plan's name. */
  plans: { id: string; name: string; mode: string }[];
  onFailure: string;
};

const modes = ["off", "flag", "block"] as const;
const failures = ["allow", "block"] as const;

/** The moderation mode of each plan, and what happens if a message cannot be checked. */
export function ModerationForm({ plans, onFailure }: Props) {
  const t = useTranslations("moderationForm");
  const [state, send, isPending] = useActionState(saveModerationAction, null);
  return (
    <form action={send} className="flex flex-col gap-5 rounded-xl border bg-card p-6">
      <div className="flex flex-col gap-2">
        <div className="grid gap-4 sm:grid-cols-3">
          {plans.map(({ id, name, mode }) => (
            <Choice key={id} name={id} label={name} value={mode}>
              {modes.map((choice) => (
                <option key={choice} value={choice}>
                  {t(`modes.${choice}`)}
                </option>
              ))}
            </Choice>
          ))}
        </div>
        <p className="max-w-prose text-pretty text-muted-foreground text-sm">{t("modesNote")}</p>
      </div>
      <div className="flex flex-col gap-2">
        <div className="grid gap-4 sm:grid-cols-3">
          <Choice name="onFailure" label={t("onFailure")} value={onFailure}>
            {failures.map((choice) => (
              <option key={choice} value={choice}>
                {t(`failures.${choice}`)}
              </option>
            ))}
          </Choice>
        </div>
        <p className="max-w-prose text-pretty text-muted-foreground text-sm">{t("failuresNote")}</p>
      </div>
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" disabled={isPending}>
          {isPending && <Spinner />}
          {t("save")}
        </Button>
        <p role="status" className="text-muted-foreground text-sm empty:hidden">
          {state?.ok === true && state.value}
        </p>
        <p role="alert" className="text-danger text-sm empty:hidden">
          {state?.ok === false && state.message}
        </p>
      </div>
    </form>
  );
}

type ChoiceProps = { name: string; label: string; value: string; children: React.ReactNode };

/** A select with a label. The key makes it show the saved value, which React resets after the action. */
function Choice({ name, label, value, children }: ChoiceProps) {
  return (
    <label className="flex flex-col gap-1.5 font-medium text-sm">
      {label}
      <select
        key={value}
        name={name}
        defaultValue={value}
        className={`${controlClasses} h-10 font-normal pointer-coarse:h-11`}
      >
        {children}
      </select>
    </label>
  );
}
