"use client";

import { FormField } from "#app/_ui/form-field.tsx";
import { resetPasswordAction } from "#app/(public)/_auth/actions.ts";
import { AuthForm } from "#app/(public)/_auth/auth-form.tsx";

export function ResetPasswordForm({ token }: { token: string }) {
  return (
    <AuthForm
      action={resetPasswordAction}
      submit="Change password"
      hidden={{ token }}
      fields={({ problems }) => (
        <FormField
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
