import type { Metadata } from "next";
import Link from "next/link";
import { redirect } from "next/navigation";
import { currentIdentity } from "#app/_http/session.ts";
import { Button } from "#app/_ui/button.tsx";
import { EntryLink } from "#app/(public)/_entry/entry-link.tsx";
import { EntryPanel } from "#app/(public)/_entry/entry-panel.tsx";
import { type EntryQuery, readEntryQuery } from "#app/(public)/_entry/read-entry-query.ts";
import { ConfirmForm } from "#app/(public)/verify-email/confirm-form.tsx";
import { db } from "#db/client.ts";
import { isTokenUsable } from "#lib/accounts/email-tokens.ts";
import { now } from "#lib/core/clock.ts";

// The token in the address must not be told to other sites.
export const metadata: Metadata = {
  title: "Confirm your address",
  robots: { index: false },
  referrer: "same-origin",
};

export default async function VerifyEmailPage({ searchParams }: { searchParams: EntryQuery }) {
  const { token } = await readEntryQuery(searchParams);
  if (token === undefined) redirect("/settings");
  const identity = await currentIdentity();
  if (!(await isTokenUsable(db(), "verify_email", token, now())))
    return (
      <EntryPanel
        title="This link no longer works"
        lead="It was used already, or is older than a day. If your address is still to be confirmed, your settings have a new letter for you."
      >
        <EntryLink to="/settings">Open settings</EntryLink>
      </EntryPanel>
    );
  if (identity === null) return <SignInFirst next={`/verify-email?token=${encodeURIComponent(token)}`} />;
  return (
    <EntryPanel title="Confirm your address" lead="One press says that this address is yours.">
      <ConfirmForm token={token} />
    </EntryPanel>
  );
}

/** On another device than the one that signed up; or to somebody whose address a stranger has signed up with. */
function SignInFirst({ next }: { next: string }) {
  return (
    <EntryPanel
      title="Sign in to confirm your address"
      lead="You are not signed in here. This makes sure that nobody else has signed up with your address."
      footer="If you never signed up, have a link sent: the account becomes yours, and whoever made it is locked out."
    >
      <div className="flex flex-col items-start gap-4">
        <Button asChild size="lg">
          <Link href={`/sign-in?next=${encodeURIComponent(next)}`}>Sign in</Link>
        </Button>
        <EntryLink to="/magic-link">Have a sign-in link sent instead</EntryLink>
      </div>
    </EntryPanel>
  );
}
