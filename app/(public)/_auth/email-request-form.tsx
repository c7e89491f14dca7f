"use client";

import type { FormAction } from "#app/_http/action.ts";
import type { EmailSent } from "#app/(public)/_auth/actions.ts";
import { AuthForm } from "#app/(public)/_auth/auth-form.tsx";
import { CheckEmailNotice } from "#app/(public)/_auth/check-email-notice.tsx";
import { EmailField } from "#app/(public)/_auth/email-field.tsx";

type Props = {
  action: FormAction<EmailSent>;
  submit: string;
  /** A sentence that explains what the emailed link does. */
  linkPurpose: string;
  next?: string | undefined;
  mailboxUrl: string | undefined;
};

/** Asks for an email address and has an email sent to it. */
export function EmailRequestForm({ action, submit, linkPurpose, next, mailboxUrl }: Props) {
  return (
    <AuthForm
      action={action}
      submit={submit}
      hidden={{ next }}
      fields={(feedback) => <EmailField feedback={feedback} />}
      done={({ sentTo }) => (
        <CheckEmailNotice sentTo={sentTo} mailboxUrl={mailboxUrl}>
          {linkPurpose}
        </CheckEmailNotice>
      )}
    />
  );
}
