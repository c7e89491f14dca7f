"use client";

import { useTranslations } from "next-intl";
import { FormField } from "#app/_ui/form-field.tsx";
import type { FormFeedback } from "#app/(public)/_auth/auth-form.tsx";

type Props = { feedback: FormFeedback; initial?: string | undefined; autoFocus?: boolean };

/** The email address field; `autoComplete="username"` lets password managers fill it. */
export function EmailField({ feedback, initial, autoFocus = true }: Props) {
  const t = useTranslations("auth.fields");
  return (
    <FormField
      label={t("email")}
      name="email"
      type="email"
      inputMode="email"
      autoComplete="username"
      autoCapitalize="none"
      spellCheck={false}
      required
      maxLength={254}
      autoFocus={autoFocus}
      defaultValue={feedback.submitted.email ?? initial}
      problem={feedback.problems.email}
    />
  );
}
