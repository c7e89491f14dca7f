import type { Metadata } from "next";
import Link from "next/link";
import { redirect } from "next/navigation";
import { pageMetadata } from "#app/_http/page-metadata.ts";
import { currentIdentity } from "#app/_http/session/session.ts";
import { Button } from "#app/_ui/button.tsx";
import { AuthLink } from "#app/(public)/_auth/auth-link.tsx";
import { AuthPanel } from "#app/(public)/_auth/auth-panel.tsx";
import { type AuthQuery, readAuthQuery } from "#app/(public)/_auth/read-auth-query.ts";
import { ConfirmForm } from "#app/(public)/verify-email/confirm-form.tsx";
import { db } from "#db/client.ts";
import { isTokenUsable } from "#lib/accounts/email-tokens.ts";
import { now } from "#lib/core/clock.ts";

// The URL contains a token, which must not reach other sites in the Referer header.
export const metadata: Metadata = { ...pageMetadata("/verify-email"), referrer: "same-origin" };

export default async function VerifyEmailPage({ searchParams }: { searchParams: AuthQuery }) {
  const { token } = await readAuthQuery(searchParams);
  if (token === undefined) redirect("/settings");
  const identity = await currentIdentity();
  if (!(await isTokenUsable(db(), "verify_email", token, now())))
    return (
      <AuthPanel
        title="This link no longer works"
        lead="It was used already, or is older than a day. If your address is still to be confirmed, you can request a new email in your settings."
      >
        <AuthLink to="/settings">Open settings</AuthLink>
      </AuthPanel>
    );
  if (identity === null) return <SignInFirst next={`/verify-email?token=${encodeURIComponent(token)}`} />;
  return (
    <AuthPanel title="Confirm your address" lead="One press says that this address is yours.">
      <ConfirmForm token={token} />
    </AuthPanel>
  );
}

/** For users who are on another device, and for owners of an address that somebody else signed up with. */
function SignInFirst({ next }: { next: string }) {
  return (
    <AuthPanel
      title="Sign in to confirm your address"
      lead="You are not signed in here. This makes sure that nobody else has signed up with your address."
      footer="If you never signed up, have a link sent: the account becomes yours, and whoever made it is locked out."
    >
      <div className="flex flex-col items-start gap-4">
        <Button asChild size="lg">
          <Link href={`/sign-in?next=${encodeURIComponent(next)}`}>Sign in</Link>
        </Button>
        <AuthLink to="/magic-link">Have a sign-in link sent instead</AuthLink>
      </div>
    </AuthPanel>
  );
}
