import Link from "next/link";
import { redirect } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { pageMetadata } from "#app/_http/page-metadata.ts";
import { currentIdentity } from "#app/_http/session/session.ts";
import { Button } from "#app/_ui/button.tsx";
import { AuthLink } from "#app/(public)/_auth/auth-link.tsx";
import { AuthPanel } from "#app/(public)/_auth/auth-panel.tsx";
import { type AuthQuery, readAuthQuery } from "#app/(public)/_auth/read-auth-query.ts";
import { ConfirmForm } from "#app/(public)/verify-email/confirm-form.tsx";
import { db } from "#db/client.ts";
import { readTokenState } from "#lib/accounts/email-tokens.ts";
import { now } from "#lib/core/clock.ts";

// The URL contains a token, which must not reach other sites in the Referer header.
export const generateMetadata = pageMetadata("/verify-email", { referrer: "same-origin" });

export default async function VerifyEmailPage({ searchParams }: { searchParams: AuthQuery }) {
  const { token } = await readAuthQuery(searchParams);
  if (token === undefined) redirect("/settings");
  const identity = await currentIdentity();
  const t = await getTranslations("auth");
  if ((await readTokenState(db(), "verify_email", token, now())) !== "usable")
    return (
      <AuthPanel title={t("expired.title")} lead={t("expired.verifyEmail")}>
        <AuthLink to="/settings">{t("expired.openSettings")}</AuthLink>
      </AuthPanel>
    );
  if (identity === null) return <SignInFirst next={`/verify-email?token=${encodeURIComponent(token)}`} />;
  return (
    <AuthPanel title={t("verifyEmail.title")} lead={t("verifyEmail.lead")}>
      <ConfirmForm token={token} />
    </AuthPanel>
  );
}

/** For users who are on another device, and for owners of an address that somebody else signed up with. */
async function SignInFirst({ next }: { next: string }) {
  const t = await getTranslations("auth.verifyEmail");
  return (
    <AuthPanel title={t("signInTitle")} lead={t("signInLead")} footer={t("notYours")}>
      <div className="flex flex-col items-start gap-4">
        <Button asChild size="lg">
          <Link href={`/sign-in?next=${encodeURIComponent(next)}`}>{t("signIn")}</Link>
        </Button>
        <AuthLink to="/magic-link">{t("emailLink")}</AuthLink>
      </div>
    </AuthPanel>
  );
}
