"use client";

import { signInAction } from "#app/(public)/_entry/actions.ts";
import { AddressField } from "#app/(public)/_entry/address-field.tsx";
import { EntryField } from "#app/(public)/_entry/entry-field.tsx";
import { EntryForm } from "#app/(public)/_entry/entry-form.tsx";

export function SignInForm({ next }: { next: string | undefined }) {
  return (
    <EntryForm
      action={signInAction}
      submit="Sign in"
      hidden={{ next }}
      fields={(told) => (
        <>
          <AddressField told={told} />
          <EntryField
            label="Password"
            name="password"
            type="password"
            autoComplete="current-password"
            required
            problem={told.problems.password}
          />
        </>
      )}
    />
  );
}
