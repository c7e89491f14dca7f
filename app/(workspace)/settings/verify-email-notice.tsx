"use client";

import { useState, useTransition } from "react";
import { Button } from "#app/_ui/button.tsx";
import { requestVerificationAction } from "#app/(workspace)/settings/actions.ts";

type Props = { email: string; mailboxUrl: string | undefined };

/** A banner that asks the user to confirm the email address. Chat works without confirmation. */
export function VerifyEmailNotice({ email, mailboxUrl }: Props) {
  const [status, setStatus] = useState<string | null>(null);
  const [pending, startTransition] = useTransition();
  const send = () =>
    startTransition(async () => {
      const result = await requestVerificationAction(undefined);
      setStatus(result.ok ? "Sent. Its link works for a day." : result.message);
    });
  return (
    <section
      aria-label="Confirm your address"
      className="flex shrink-0 flex-wrap items-center justify-center gap-x-4 gap-y-1 border-b px-4 py-2 text-sm"
    >
      <p className="text-muted-foreground [overflow-wrap:anywhere]">
        Confirm your address<span className="max-sm:sr-only">: we sent an email to {email}</span>.
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
            {/* One inline text, so that the underline is continuous. */}
            <span>
              <span className="max-sm:sr-only">Open the sandbox's </span>
              <span className="max-sm:inline-block max-sm:first-letter:uppercase">mailbox</span>
            </span>
          </a>
        </Button>
      )}
      <p role="status" className="text-muted-foreground empty:hidden">
        {status}
      </p>
    </section>
  );
}
