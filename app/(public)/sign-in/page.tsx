import type { Metadata } from "next";
import { configuredProviders } from "#app/_http/oauth-providers.ts";
import { EntryLink } from "#app/(public)/_entry/entry-link.tsx";
import { EntryPanel } from "#app/(public)/_entry/entry-panel.tsx";
import { ProviderButtons } from "#app/(public)/_entry/provider-buttons.tsx";
import { type EntryQuery, leaveIfSignedIn, readEntryQuery } from "#app/(public)/_entry/read-entry-query.ts";
import { SignInForm } from "#app/(public)/sign-in/sign-in-form.tsx";
import { env } from "#lib/core/env.ts";

export const metadata: Metadata = { title: "Sign in", robots: { index: false } };

const notices: Record<string, string> = {
  "password-changed": "Your password was changed. Sign in with it.",
  "account-deleted": "Your account is deleted. A letter to your address confirms it.",
  "signed-out-everywhere": "You are signed out on every device.",
};

export default async function SignInPage({ searchParams }: { searchParams: EntryQuery }) {
  const { next, error, notice } = await readEntryQuery(searchParams);
  await leaveIfSignedIn(next);
  const told = notice === undefined ? undefined : notices[notice];
  return (
    <EntryPanel
      title="Sign in"
      lead={told}
      footer={
        <p>
          New here?{" "}
          <EntryLink to="/sign-up" next={next}>
            Create an account
          </EntryLink>
        </p>
      }
    >
      {error !== undefined && (
        <p role="alert" className="mb-6 text-danger text-sm">
          {refusalOf(error)}
        </p>
      )}
      <ProviderButtons providers={configuredProviders(env())} next={next} />
      <SignInForm next={next} />
      <div className="mt-6 flex flex-wrap justify-between gap-x-6 gap-y-3 text-sm">
        <EntryLink to="/magic-link" next={next}>
          Email me a link instead
        </EntryLink>
        <EntryLink to="/forgot-password">Forgot your password?</EntryLink>
      </div>
    </EntryPanel>
  );
}

/** Why Google or GitHub sent somebody back without a sign-in; the log has the rest. */
function refusalOf(error: string): string {
  return error === "AccessDenied"
    ? "You did not allow the sign-in. Nothing was changed."
    : "This sign-in did not work. The address of your account there must be verified. You can also sign in with a link by e-mail.";
}
