"use client";

import { useState, useTransition } from "react";
import { Button } from "#app/_ui/button.tsx";
import { requestVerificationAction } from "#app/(workspace)/settings/actions.ts";

type Props = { email: string; mailboxUrl: string | undefined };

/** A quiet line above every page that asks somebody to confirm their address. Chatting works without. */
export function VerifyEmailNotice({ email, mailboxUrl }: Props) {
  const [told, setTold] = useState<string | null>(null);
  const [pending, startTransition] = useTransition();
  const send = () =>
    startTransition(async () => {
      const result = await requestVerificationAction(undefined);
      setTold(result.ok ? "Sent. Its link works for a day." : result.message);
    });
  return (
    <section
      aria-label="Confirm your address"
      className="flex shrink-0 flex-wrap items-center justify-center gap-x-4 gap-y-1 border-b px-4 py-2 text-sm"
    >
      <p className="text-muted-foreground [overflow-wrap:anywhere]">
        Confirm your address<span className="max-sm:sr-only">: we sent a letter to {email}</span>.
      </p>
      <Button
        variant="link"
        size="sm"
        className="h-auto p-0 pointer-coarse:h-11"
        disabled={pending}
        onClick={send}
      >
        Send it again
      </Button>
      {mailboxUrl !== undefined && (
        <Button asChild variant="link" size="sm" className="h-auto p-0 pointer-coarse:h-11">
          <a href={mailboxUrl} target="_blank" rel="noreferrer">
            {/* One text, so that it has one underline: a button sets what stands in it apart. */}
            <span>
              <span className="max-sm:sr-only">Open the sandbox's </span>
              <span className="max-sm:inline-block max-sm:first-letter:uppercase">mailbox</span>
            </span>
          </a>
        </Button>
      )}
      <p role="status" className="text-muted-foreground empty:hidden">
        {told}
      </p>
    </section>
  );
}
