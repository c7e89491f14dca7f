"use client";

import { EntryField } from "#app/(public)/_entry/entry-field.tsx";
import type { Told } from "#app/(public)/_entry/entry-form.tsx";

type Props = { told: Told; initial?: string | undefined; autoFocus?: boolean };

/** The field for an e-mail address; password managers know it as the name they keep a password under. */
export function AddressField({ told, initial, autoFocus = true }: Props) {
  return (
    <EntryField
      label="E-mail address"
      name="email"
      type="email"
      inputMode="email"
      autoComplete="username"
      autoCapitalize="none"
      spellCheck={false}
      required
      maxLength={254}
      autoFocus={autoFocus}
      defaultValue={told.typed.email ?? initial}
      problem={told.problems.email}
    />
  );
}
