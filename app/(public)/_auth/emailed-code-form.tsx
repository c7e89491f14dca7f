"use client";

import { useTranslations } from "next-intl";
import { Button } from "#app/_ui/button.tsx";
import { FormField } from "#app/_ui/form-field.tsx";
import { redeemMagicLinkAction } from "#app/(public)/_auth/actions.ts";
import { AuthForm } from "#app/(public)/_auth/auth-form.tsx";

/** Signs in with the code of an email that was opened on another device. */
export function SignInCodeForm({ next }: { next: string | undefined }) {
  const t = useTranslations("auth");
  return (
    <AuthForm
      action={redeemMagicLinkAction}
      submit={t("emailedCode.signIn")}
      hidden={{ next }}
      fields={({ problems }) => <EmailedCodeField problem={problems.code} />}
    />
  );
}

/** Opens the form for a new password with the code of an email that was opened on another device. */
export function ResetCodeForm() {
  const t = useTranslations("auth");
  return (
    <form action="/reset-password" method="get" className="flex flex-col gap-3">
      <EmailedCodeField />
      <Button type="submit" size="lg" className="w-full">
        {t("emailedCode.continue")}
      </Button>
    </form>
  );
}

function EmailedCodeField({ problem }: { problem?: string | undefined }) {
  const t = useTranslations("auth");
  return (
    <FormField
      label={t("emailedCode.label")}
      name="code"
      inputMode="numeric"
      autoComplete="one-time-code"
      required
      maxLength={20}
      problem={problem}
    />
  );
}
