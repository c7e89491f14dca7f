import type { Metadata } from "next";
import { configuredProviders } from "#app/_http/oauth-providers.ts";
import { EntryLink } from "#app/(public)/_entry/entry-link.tsx";
import { EntryPanel } from "#app/(public)/_entry/entry-panel.tsx";
import { ProviderButtons } from "#app/(public)/_entry/provider-buttons.tsx";
import { type EntryQuery, leaveIfSignedIn, readEntryQuery } from "#app/(public)/_entry/read-entry-query.ts";
import { SignUpForm } from "#app/(public)/sign-up/sign-up-form.tsx";
import { env } from "#lib/core/env.ts";

export const metadata: Metadata = { title: "Create an account" };

export default async function SignUpPage({ searchParams }: { searchParams: EntryQuery }) {
  const { next } = await readEntryQuery(searchParams);
  await leaveIfSignedIn(next);
  return (
    <EntryPanel
      title="Create an account"
      lead="Free to start, no card needed."
      footer={
        <p>
          Have one already?{" "}
          <EntryLink to="/sign-in" next={next}>
            Sign in
          </EntryLink>
        </p>
      }
    >
      <ProviderButtons providers={configuredProviders(env())} next={next} />
      <SignUpForm next={next} mailboxUrl={env().SANDBOX_MAIL_URL} />
    </EntryPanel>
  );
}
