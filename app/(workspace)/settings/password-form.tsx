"use client";

import { useTranslations } from "next-intl";
import { useActionState, useEffect, useRef } from "react";
import { Button } from "#app/_ui/button.tsx";
import { FormField } from "#app/_ui/form-field.tsx";
import { useStepUpForm } from "#app/(workspace)/_step-up/step-up-provider.tsx";
import { changePasswordAction } from "#app/(workspace)/settings/actions.ts";

type Props = { email: string; hasPassword: boolean };

/** Changes the password, or sets the first one. */
export function PasswordForm({ email, hasPassword }: Props) {
  const t = useTranslations("settings.password");
  const [state, send, pending] = useActionState(useStepUpForm(changePasswordAction), null);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (state?.ok === false) form.current?.querySelector<HTMLInputElement>('[aria-invalid="true"]')?.focus();
  }, [state]);
  const fieldError = (path: string) =>
    state?.ok === false ? state.fields?.find((field) => field.path === path)?.message : undefined;
  const formError = state?.ok === false && state.fields === undefined ? state.message : undefined;
  return (
    <form ref={form} action={send} className="flex flex-col gap-3">
      {/* Password managers read the account from this field. */}
      <input type="hidden" name="username" autoComplete="username" value={email} readOnly />
      {hasPassword && (
        <FormField
          label={t("current")}
          name="currentPassword"
          type="password"
          autoComplete="current-password"
          required
          problem={fieldError("currentPassword")}
        />
      )}
      <FormField
        label={t("new")}
        name="newPassword"
        type="password"
        autoComplete="new-password"
        required
        minLength={10}
        maxLength={200}
        hint={t("hint")}
        problem={fieldError("newPassword")}
      />
      <div className="flex flex-wrap items-center gap-4">
        <Button type="submit" variant="outline" disabled={pending}>
          {hasPassword ? t("change") : t("set")}
        </Button>
        <p
          role="status"
          className={`text-sm ${formError === undefined ? "text-muted-foreground" : "text-danger"}`}
        >
          {formError}
          {state?.ok && t("changed")}
        </p>
      </div>
    </form>
  );
}
