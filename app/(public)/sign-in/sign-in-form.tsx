"use client";

import { FormField } from "#app/_ui/form-field.tsx";
import { signInAction } from "#app/(public)/_auth/actions.ts";
import { AuthForm } from "#app/(public)/_auth/auth-form.tsx";
import { EmailField } from "#app/(public)/_auth/email-field.tsx";

export function SignInForm({ next }: { next: string | undefined }) {
  return (
    <AuthForm
      action={signInAction}
      submit="Sign in"
      hidden={{ next }}
      fields={(feedback) => (
        <>
          <EmailField feedback={feedback} />
          <FormField
            label="Password"
            name="password"
            type="password"
            autoComplete="current-password"
            required
            problem={feedback.problems.password}
          />
        </>
      )}
    />
  );
}
