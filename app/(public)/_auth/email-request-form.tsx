"use client";

import type { FormAction } from "#app/_http/action.ts";
import type { EmailSent } from "#app/(public)/_auth/actions.ts";
import { AuthForm } from "#app/(public)/_auth/auth-form.tsx";
import { CheckEmailNotice } from "#app/(public)/_auth/check-email-notice.tsx";
import { EmailField } from "#app/(public)/_auth/email-field.tsx";
import { ResetCodeForm, SignInCodeForm } from "#app/(public)/_auth/emailed-code-form.tsx";

type Props = {
  action: FormAction<EmailSent>;
  submit: string;
  /** A sentence that explains what the emailed link does. */
  linkPurpose: string;
  /** What the emailed code can be entered for. */
  codeForm: "sign-in" | "reset-password";
  next?: string | undefined;
  mailboxUrl: string | undefined;
};

/** Asks for an email address and has an email sent to it. */
export function EmailRequestForm({ action, submit, linkPurpose, codeForm, next, mailboxUrl }: Props) {
  return (
    <AuthForm
      action={action}
      submit={submit}
      hidden={{ next }}
      fields={(feedback) => <EmailField feedback={feedback} />}
      done={({ sentTo }) => (
        <div className="flex flex-col gap-8">
          <CheckEmailNotice sentTo={sentTo} mailboxUrl={mailboxUrl}>
            {linkPurpose}
          </CheckEmailNotice>
          {codeForm === "sign-in" ? <SignInCodeForm next={next} /> : <ResetCodeForm />}
        </div>
      )}
    />
  );
}
