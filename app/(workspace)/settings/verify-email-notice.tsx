"use client";

import { useTranslations } from "next-intl";
import { useState, useTransition } from "react";
import { Button } from "#app/_ui/button.tsx";
import { requestVerificationAction } from "#app/(workspace)/settings/actions.ts";

type Props = { email: string; mailboxUrl: string | undefined };

/** A banner that asks the user to confirm the email address. Chat works without confirmation. */
export function VerifyEmailNotice({ email, mailboxUrl }: Props) {
  const t = useTranslations("verifyEmail");
  const [status, setStatus] = useState<string | null>(null);
  const [pending, startTransition] = useTransition();
  const send = () =>
    startTransition(async () => {
      const result = await requestVerificationAction(undefined);
      setStatus(result.ok ? t("sent") : result.message);
    });
  return (
    <section
      aria-label={t("title")}
      className="flex shrink-0 flex-wrap items-center justify-center gap-x-4 gap-y-1 border-b px-4 py-2 text-sm"
    >
      <p className="text-muted-foreground [overflow-wrap:anywhere]">
        {t.rich("text", { email, detail: (text) => <span className="max-sm:sr-only">{text}</span> })}
      </p>
      <Button
        variant="link"
        size="sm"
        className="h-auto p-0 pointer-coarse:h-11"
        disabled={pending}
        onClick={send}
      >
        {t("resend")}
      </Button>
      {mailboxUrl !== undefined && (
        <Button asChild variant="link" size="sm" className="h-auto p-0 pointer-coarse:h-11">
          <a href={mailboxUrl} target="_blank" rel="noreferrer">
            {t("mailbox")}
          </a>
        </Button>
      )}
      <p role="status" className="text-muted-foreground empty:hidden">
        {status}
      </p>
    </section>
  );
}
