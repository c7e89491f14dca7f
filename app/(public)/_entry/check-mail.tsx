"use client";

import { Button } from "#app/_ui/button.tsx";

type Props = {
  /** The address a letter was sent to. */
  sentTo: string;
  /** What the letter is good for, as a sentence. */
  children: string;
  /** Where the sandbox shows its letters; nothing in production. */
  mailboxUrl: string | undefined;
};

/** Says where the letter went. It reads the same whether or not the address is known. */
export function CheckMail({ sentTo, children, mailboxUrl }: Props) {
  return (
    <div role="status" className="flex flex-col gap-4">
      <p className="font-medium">Check your mail</p>
      <p className="text-pretty">
        A letter is on its way to <strong className="font-medium [overflow-wrap:anywhere]">{sentTo}</strong>.{" "}
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
