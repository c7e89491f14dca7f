"use client";

import { signUpAction } from "#app/(public)/_entry/actions.ts";
import { AddressField } from "#app/(public)/_entry/address-field.tsx";
import { CheckMail } from "#app/(public)/_entry/check-mail.tsx";
import { EntryField } from "#app/(public)/_entry/entry-field.tsx";
import { EntryForm } from "#app/(public)/_entry/entry-form.tsx";

type Props = { next: string | undefined; mailboxUrl: string | undefined };

export function SignUpForm({ next, mailboxUrl }: Props) {
  return (
    <EntryForm
      action={signUpAction}
      submit="Create an account"
      hidden={{ next }}
      fields={(told) => (
        <>
          <AddressField told={told} />
          <EntryField
            label="Password"
            name="password"
            type="password"
            autoComplete="new-password"
            required
            minLength={10}
            maxLength={200}
            hint="At least 10 characters."
            problem={told.problems.password}
          />
        </>
      )}
      done={({ sentTo }) => (
        <CheckMail sentTo={sentTo} mailboxUrl={mailboxUrl}>
          It says how to go on.
        </CheckMail>
      )}
    />
  );
}
