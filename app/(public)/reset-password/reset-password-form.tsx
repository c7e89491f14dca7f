"use client";

import { resetPasswordAction } from "#app/(public)/_entry/actions.ts";
import { EntryField } from "#app/(public)/_entry/entry-field.tsx";
import { EntryForm } from "#app/(public)/_entry/entry-form.tsx";

export function ResetPasswordForm({ token }: { token: string }) {
  return (
    <EntryForm
      action={resetPasswordAction}
      submit="Change password"
      hidden={{ token }}
      fields={({ problems }) => (
        <EntryField
          label="New password"
          name="password"
          type="password"
          autoComplete="new-password"
          autoFocus
          required
          minLength={10}
          maxLength={200}
          hint="At least 10 characters. You will be signed out everywhere."
          problem={problems.password}
        />
      )}
    />
  );
}
