"use client";

import type { FormAction } from "#app/_http/action.ts";
import type { Sent } from "#app/(public)/_entry/actions.ts";
import { AddressField } from "#app/(public)/_entry/address-field.tsx";
import { CheckMail } from "#app/(public)/_entry/check-mail.tsx";
import { EntryForm } from "#app/(public)/_entry/entry-form.tsx";

type Props = {
  action: FormAction<Sent>;
  submit: string;
  /** What the letter is good for, as a sentence. */
  promise: string;
  next?: string | undefined;
  mailboxUrl: string | undefined;
};

/** Asks for an address and sends a letter there. */
export function LetterForm({ action, submit, promise, next, mailboxUrl }: Props) {
  return (
    <EntryForm
      action={action}
      submit={submit}
      hidden={{ next }}
      fields={(told) => <AddressField told={told} />}
      done={({ sentTo }) => (
        <CheckMail sentTo={sentTo} mailboxUrl={mailboxUrl}>
          {promise}
        </CheckMail>
      )}
    />
  );
}
