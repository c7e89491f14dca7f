"use client";

import { Button } from "#app/_ui/button.tsx";

type Props = {
  /** The address that the email was sent to. */
  sentTo: string;
  /** A sentence that explains what the emailed link does. */
  children: string;
  /** The sandbox's mailbox; undefined in production. */
  mailboxUrl: string | undefined;
};

/** Confirms that an email was sent. The text is the same whether or not the address has an account. */
export function CheckEmailNotice({ sentTo, children, mailboxUrl }: Props) {
  return (
    <div role="status" className="flex flex-col gap-4">
      <p className="font-medium">Check your email</p>
      <p className="text-pretty">
        We sent an email to <strong className="font-medium [overflow-wrap:anywhere]">{sentTo}</strong>.{" "}
        {children}
      </p>
      <p className="text-muted-foreground text-sm">
        Nothing there after a few minutes? Check your spam folder and the address.
      </p>
      {mailboxUrl !== undefined && (
        <Button asChild variant="outline" className="self-start">
          <a href={mailboxUrl} target="_blank" rel="noreferrer">
            Open the sandbox's mailbox
          </a>
        </Button>
      )}
    </div>
  );
}
