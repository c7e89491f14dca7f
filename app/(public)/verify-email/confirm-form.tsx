"use client";

import Link from "next/link";
import { useTranslations } from "next-intl";
import { Button } from "#app/_ui/button.tsx";
import { verifyEmailAction } from "#app/(public)/_auth/actions.ts";
import { AuthForm } from "#app/(public)/_auth/auth-form.tsx";
import { EmailAddress } from "#app/(public)/_auth/email-address.tsx";

export function ConfirmForm({ token }: { token: string }) {
  const t = useTranslations("auth.verifyEmail");
  return (
    <AuthForm
      action={verifyEmailAction}
      submit={t("submit")}
      hidden={{ token }}
      done={({ email }) => (
        <div role="status" className="flex flex-col gap-6">
          <p>{t.rich("confirmed", { email: () => <EmailAddress address={email} /> })}</p>
          <Button asChild size="lg">
            <Link href="/chat">{t("openChat")}</Link>
          </Button>
        </div>
      )}
    />
  );
}
