"use client";

import { useTranslations } from "next-intl";
import { FormField } from "#app/_ui/form-field.tsx";
import { signUpAction } from "#app/(public)/_auth/actions.ts";
import { AuthForm } from "#app/(public)/_auth/auth-form.tsx";
import { CheckEmailNotice } from "#app/(public)/_auth/check-email-notice.tsx";
import { EmailField } from "#app/(public)/_auth/email-field.tsx";

type Props = { next: string | undefined; mailboxUrl: string | undefined };

export function SignUpForm({ next, mailboxUrl }: Props) {
  const t = useTranslations("auth");
  return (
    <AuthForm
      action={signUpAction}
      submit={t("signUp.submit")}
      hidden={{ next }}
      fields={(feedback) => (
        <>
          <EmailField feedback={feedback} />
          <FormField
            label={t("fields.password")}
            name="password"
            type="password"
            autoComplete="new-password"
            required
            minLength={10}
            maxLength={200}
            hint={t("fields.passwordHint")}
            problem={feedback.problems.password}
          />
        </>
      )}
      done={({ sentTo }) => (
        <CheckEmailNotice sentTo={sentTo} mailboxUrl={mailboxUrl}>
          {t("signUp.checkEmail")}
        </CheckEmailNotice>
      )}
    />
  );
}
