import type { Metadata } from "next";
import { pageMetadata } from "#app/_http/page-metadata.ts";
import { redeemMagicLinkAction, requestMagicLinkAction } from "#app/(public)/_auth/actions.ts";
import { AuthForm } from "#app/(public)/_auth/auth-form.tsx";
import { AuthLink } from "#app/(public)/_auth/auth-link.tsx";
import { AuthPanel } from "#app/(public)/_auth/auth-panel.tsx";
import { EmailRequestForm } from "#app/(public)/_auth/email-request-form.tsx";
import { type AuthQuery, readAuthQuery, redirectIfSignedIn } from "#app/(public)/_auth/read-auth-query.ts";
import { db } from "#db/client.ts";
import { isTokenUsable } from "#lib/accounts/email-tokens.ts";
import { now } from "#lib/core/clock.ts";
import { env } from "#lib/core/env.ts";

// The URL contains a token, which must not reach other sites in the Referer header.
export const metadata: Metadata = { ...pageMetadata("/magic-link"), referrer: "same-origin" };

export default async function MagicLinkPage({ searchParams }: { searchParams: AuthQuery }) {
  const { next, token } = await readAuthQuery(searchParams);
  if (token === undefined) await redirectIfSignedIn(next);
  const isUsable = token !== undefined && (await isTokenUsable(db(), "magic_link", token, now()));
  if (isUsable) return <RedeemLink token={token} next={next} />;
  return (
    <AuthPanel
      title={token === undefined ? "Sign in with a link" : "This link no longer works"}
      lead={
        token === undefined
          ? "We'll email you a sign-in link. No password needed, also for a new account."
          : "It was used already, or is older than 15 minutes. You can have a new one."
      }
      footer={
        <AuthLink to="/sign-in" next={next}>
          Sign in with a password
        </AuthLink>
      }
    >
      <EmailRequestForm
        action={requestMagicLinkAction}
        submit="Send me a link"
        linkPurpose="Its link signs you in. It works once, for 15 minutes."
        next={next}
        mailboxUrl={env().SANDBOX_MAIL_URL}
      />
    </AuthPanel>
  );
}

/** Requires a click, because email scanners open links and would use up the token. */
function RedeemLink({ token, next }: { token: string; next: string | undefined }) {
  return (
    <AuthPanel title="Sign in" lead="One press, and you are in.">
      <AuthForm action={redeemMagicLinkAction} submit="Sign in" hidden={{ token, next }} />
    </AuthPanel>
  );
}
