import type { Metadata } from "next";
import { redeemMagicLinkAction, requestMagicLinkAction } from "#app/(public)/_entry/actions.ts";
import { EntryForm } from "#app/(public)/_entry/entry-form.tsx";
import { EntryLink } from "#app/(public)/_entry/entry-link.tsx";
import { EntryPanel } from "#app/(public)/_entry/entry-panel.tsx";
import { LetterForm } from "#app/(public)/_entry/letter-form.tsx";
import { type EntryQuery, leaveIfSignedIn, readEntryQuery } from "#app/(public)/_entry/read-entry-query.ts";
import { db } from "#db/client.ts";
import { isTokenUsable } from "#lib/accounts/email-tokens.ts";
import { now } from "#lib/core/clock.ts";
import { env } from "#lib/core/env.ts";

// The token in the address must not be told to other sites.
export const metadata: Metadata = {
  title: "Sign in with a link",
  robots: { index: false },
  referrer: "same-origin",
};

export default async function MagicLinkPage({ searchParams }: { searchParams: EntryQuery }) {
  const { next, token } = await readEntryQuery(searchParams);
  if (token === undefined) await leaveIfSignedIn(next);
  const usable = token !== undefined && (await isTokenUsable(db(), "magic_link", token, now()));
  if (usable) return <OpenedLink token={token} next={next} />;
  return (
    <EntryPanel
      title={token === undefined ? "Sign in with a link" : "This link no longer works"}
      lead={
        token === undefined
          ? "You get a letter with a link that signs you in. No password needed, also for a new account."
          : "It was used already, or is older than 15 minutes. You can have a new one."
      }
      footer={
        <EntryLink to="/sign-in" next={next}>
          Sign in with a password
        </EntryLink>
      }
    >
      <LetterForm
        action={requestMagicLinkAction}
        submit="Send me a link"
        promise="Its link signs you in. It works once, for 15 minutes."
        next={next}
        mailboxUrl={env().SANDBOX_MAIL_URL}
      />
    </EntryPanel>
  );
}

/** The link does its work only by a press: programs that scan mail open links too. */
function OpenedLink({ token, next }: { token: string; next: string | undefined }) {
  return (
    <EntryPanel title="Sign in" lead="One press, and you are in.">
      <EntryForm action={redeemMagicLinkAction} submit="Sign in" hidden={{ token, next }} />
    </EntryPanel>
  );
}
