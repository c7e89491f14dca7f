"use client";

import { useTranslations } from "next-intl";
import { FormField } from "#app/_ui/form-field.tsx";
import { signInAction } from "#app/(public)/_auth/actions.ts";
import { AuthForm } from "#app/(public)/_auth/auth-form.tsx";
import { EmailField } from "#app/(public)/_auth/email-field.tsx";

export function SignInForm({ next }: { next: string | undefined }) {
  const t = useTranslations("auth");
  return (
    <AuthForm
      action={signInAction}
      submit={t("signIn.submit")}
      hidden={{ next }}
      fields={(feedback) => (
        <>
          <EmailField feedback={feedback} />
          <FormField
            label={t("fields.password")}
            name="password"
            type="password"
            autoComplete="current-password"
            required
            problem={feedback.problems.password}
          />
        </>
      )}
    />
  );
}
