import { pageMetadata } from "#app/_http/page-metadata.ts";
import { forgotPasswordAction } from "#app/(public)/_auth/actions.ts";
import { AuthLink } from "#app/(public)/_auth/auth-link.tsx";
import { AuthPanel } from "#app/(public)/_auth/auth-panel.tsx";
import { EmailRequestForm } from "#app/(public)/_auth/email-request-form.tsx";
import { env } from "#lib/core/env.ts";

export const metadata = pageMetadata("/forgot-password");

export default function ForgotPasswordPage() {
  return (
    <AuthPanel
      title="Choose a new password"
      lead="We'll email you a link to choose one."
      footer={<AuthLink to="/sign-in">Back to signing in</AuthLink>}
    >
      <EmailRequestForm
        action={forgotPasswordAction}
        submit="Email me a link"
        linkPurpose="If there is an account with this address, its link lets you choose a new password, for an hour."
        mailboxUrl={env().SANDBOX_MAIL_URL}
      />
    </AuthPanel>
  );
}
