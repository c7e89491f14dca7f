"use client";

import { useState, useTransition } from "react";
import { Button } from "#app/_ui/button.tsx";
import { requestVerificationAction } from "#app/(workspace)/settings/actions.ts";

type Props = {
  /** Named where the address does not stand beside it. */
  email?: string;
  mailboxUrl: string | undefined;
  className?: string;
};

/** A quiet line that asks somebody to confirm their address. Chatting works without. */
export function VerifyNotice({ email, mailboxUrl, className = "" }: Props) {
  const [told, setTold] = useState<string | null>(null);
  const [pending, startTransition] = useTransition();
  const send = () =>
    startTransition(async () => {
      const result = await requestVerificationAction(undefined);
      setTold(result.ok ? "Sent. Its link works for a day." : result.message);
    });
  return (
    <div className={`flex flex-wrap items-center gap-x-4 gap-y-1 text-sm ${className}`}>
      <p className="text-muted-foreground [overflow-wrap:anywhere]">
        {email === undefined
          ? "Not confirmed yet: open the link in the letter we sent."
          : `Confirm your address: a letter went to ${email}.`}
      </p>
      <Button variant="link" size="sm" className="h-auto p-0" disabled={pending} onClick={send}>
        Send it again
      </Button>
      {mailboxUrl !== undefined && (
        <Button asChild variant="link" size="sm" className="h-auto p-0">
          <a href={mailboxUrl} target="_blank" rel="noreferrer">
            Open the sandbox's mailbox
          </a>
        </Button>
      )}
      <p role="status" className="text-muted-foreground">
        {told}
      </p>
    </div>
  );
}
