import type { Metadata } from "next";
import { forgotPasswordAction } from "#app/(public)/_entry/actions.ts";
import { EntryLink } from "#app/(public)/_entry/entry-link.tsx";
import { EntryPanel } from "#app/(public)/_entry/entry-panel.tsx";
import { LetterForm } from "#app/(public)/_entry/letter-form.tsx";
import { env } from "#lib/core/env.ts";

export const metadata: Metadata = { title: "Choose a new password", robots: { index: false } };

export default function ForgotPasswordPage() {
  return (
    <EntryPanel
      title="Choose a new password"
      lead="You get a letter with a link to choose one."
      footer={<EntryLink to="/sign-in">Back to signing in</EntryLink>}
    >
      <LetterForm
        action={forgotPasswordAction}
        submit="Send me a letter"
        promise="If there is an account with this address, its link lets you choose a new password, for an hour."
        mailboxUrl={env().SANDBOX_MAIL_URL}
      />
    </EntryPanel>
  );
}
