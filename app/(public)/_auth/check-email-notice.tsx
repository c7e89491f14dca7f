"use client";

import { useTranslations } from "next-intl";
import { Button } from "#app/_ui/button.tsx";
import { EmailAddress } from "#app/(public)/_auth/email-address.tsx";

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
  const t = useTranslations("auth.checkEmail");
  return (
    <div role="status" className="flex flex-col gap-4">
      <p className="font-medium">{t("title")}</p>
      <p className="text-pretty">
        {t.rich("sentTo", { email: () => <EmailAddress address={sentTo} /> })} {children}
      </p>
      <p className="text-muted-foreground text-sm">{t("notThere")}</p>
      {mailboxUrl !== undefined && (
        <Button asChild variant="outline" className="self-start">
          <a href={mailboxUrl} target="_blank" rel="noreferrer">
            {t("openMailbox")}
          </a>
        </Button>
      )}
    </div>
  );
}
