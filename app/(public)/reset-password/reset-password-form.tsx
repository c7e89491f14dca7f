"use client";

import { useTranslations } from "next-intl";
import { FormField } from "#app/_ui/form-field.tsx";
import { resetPasswordAction } from "#app/(public)/_auth/actions.ts";
import { AuthForm } from "#app/(public)/_auth/auth-form.tsx";

type Props = { token: string | undefined; code: string | undefined };

/** Sets a new password with the token of an emailed link, or with the code that was typed instead. */
export function ResetPasswordForm({ token, code }: Props) {
  const t = useTranslations("auth");
  return (
    <AuthForm
      action={resetPasswordAction}
      submit={t("resetPassword.submit")}
      hidden={{ token, code }}
      fields={({ problems }) => (
        <FormField
          label={t("fields.newPassword")}
          name="password"
          type="password"
          autoComplete="new-password"
          autoFocus
          required
          minLength={10}
          maxLength={200}
          hint={t("fields.newPasswordHint")}
          problem={problems.password}
        />
      )}
    />
  );
}
