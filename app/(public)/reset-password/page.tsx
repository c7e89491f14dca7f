import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { EntryLink } from "#app/(public)/_entry/entry-link.tsx";
import { EntryPanel } from "#app/(public)/_entry/entry-panel.tsx";
import { type EntryQuery, readEntryQuery } from "#app/(public)/_entry/read-entry-query.ts";
import { ResetPasswordForm } from "#app/(public)/reset-password/reset-password-form.tsx";
import { db } from "#db/client.ts";
import { isTokenUsable } from "#lib/accounts/email-tokens.ts";
import { now } from "#lib/core/clock.ts";

// The token in the address must not be told to other sites.
export const metadata: Metadata = {
  title: "Choose a new password",
  robots: { index: false },
  referrer: "same-origin",
};

export default async function ResetPasswordPage({ searchParams }: { searchParams: EntryQuery }) {
  const { token } = await readEntryQuery(searchParams);
  if (token === undefined) redirect("/forgot-password");
  if (!(await isTokenUsable(db(), "reset_password", token, now())))
    return (
      <EntryPanel
        title="This link no longer works"
        lead="It was used already, or is older than an hour. Your password is as it was."
      >
        <EntryLink to="/forgot-password">Send me a new one</EntryLink>
      </EntryPanel>
    );
  return (
    <EntryPanel title="Choose a new password">
      <ResetPasswordForm token={token} />
    </EntryPanel>
  );
}
