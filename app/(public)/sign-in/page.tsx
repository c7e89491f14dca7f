import { pageMetadata } from "#app/_http/page-metadata.ts";
import { configuredProviders } from "#app/_http/session/oauth-providers.ts";
import { AuthLink } from "#app/(public)/_auth/auth-link.tsx";
import { AuthPanel } from "#app/(public)/_auth/auth-panel.tsx";
import { ProviderButtons } from "#app/(public)/_auth/provider-buttons.tsx";
import { type AuthQuery, readAuthQuery, redirectIfSignedIn } from "#app/(public)/_auth/read-auth-query.ts";
import { SignInForm } from "#app/(public)/sign-in/sign-in-form.tsx";
import { env } from "#lib/core/env.ts";

export const metadata = pageMetadata("/sign-in");

const notices: Record<string, string> = {
  "password-changed": "Your password was changed. Sign in with it.",
  "account-deleted": "Your account is deleted. We sent you an email to confirm it.",
  "signed-out-everywhere": "You are signed out on every device.",
};

export default async function SignInPage({ searchParams }: { searchParams: AuthQuery }) {
  const { next, error, notice } = await readAuthQuery(searchParams);
  await redirectIfSignedIn(next);
  const noticeText = notice === undefined ? undefined : notices[notice];
  return (
    <AuthPanel
      title="Sign in"
      lead={noticeText}
      footer={
        <p>
          New here?{" "}
          <AuthLink to="/sign-up" next={next}>
            Create an account
          </AuthLink>
        </p>
      }
    >
      {error !== undefined && (
        <p role="alert" className="mb-6 text-danger text-sm">
          {providerErrorMessage(error)}
        </p>
      )}
      <ProviderButtons providers={configuredProviders(env())} next={next} />
      <SignInForm next={next} />
      <div className="mt-6 flex flex-wrap justify-between gap-x-6 gap-y-3 text-sm">
        <AuthLink to="/magic-link" next={next}>
          Email me a link instead
        </AuthLink>
        <AuthLink to="/forgot-password">Forgot your password?</AuthLink>
      </div>
    </AuthPanel>
  );
}

/** The message for a failed Google or GitHub sign-in; the log has the details. */
function providerErrorMessage(error: string): string {
  return error === "AccessDenied"
    ? "You did not allow the sign-in. Nothing was changed."
    : "This sign-in did not work. The address of your account there must be verified. You can also sign in with a link by e-mail.";
}
