"use client";

import { useTranslations } from "next-intl";
import { Button } from "#app/_ui/button.tsx";
import { FormField } from "#app/_ui/form-field.tsx";
import { secondFactorAction } from "#app/(public)/_auth/actions.ts";
import { AuthForm } from "#app/(public)/_auth/auth-form.tsx";
import { signOutAction } from "#app/(workspace)/settings/actions.ts";

/** Completes a sign-in with a code of the authenticator app or a recovery code. */
export function SecondFactorForm({ next }: { next: string | undefined }) {
  const t = useTranslations("auth");
  return (
    <>
      <AuthForm
        action={secondFactorAction}
        submit={t("secondFactor.submit")}
        hidden={{ next }}
        fields={({ problems }) => (
          <FormField
            label={t("secondFactor.code")}
            name="code"
            autoComplete="one-time-code"
            autoCapitalize="none"
            spellCheck={false}
            autoFocus
            required
            maxLength={40}
            hint={t("secondFactor.codeHint")}
            problem={problems.code}
          />
        )}
      />
      <form action={signOutAction} className="mt-6">
        <Button type="submit" variant="link" className="h-auto p-0">
          {t("secondFactor.cancel")}
        </Button>
      </form>
    </>
  );
}
