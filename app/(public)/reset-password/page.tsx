import { redirect } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { pageMetadata } from "#app/_http/page-metadata.ts";
import { AuthLink } from "#app/(public)/_auth/auth-link.tsx";
import { AuthPanel } from "#app/(public)/_auth/auth-panel.tsx";
import { type AuthQuery, readAuthQuery } from "#app/(public)/_auth/read-auth-query.ts";
import { ResetPasswordForm } from "#app/(public)/reset-password/reset-password-form.tsx";
import { db } from "#db/client.ts";
import { isTokenUsable } from "#lib/accounts/email-tokens.ts";
import { now } from "#lib/core/clock.ts";

// The URL contains a token, which must not reach other sites in the Referer header.
export const generateMetadata = pageMetadata("/reset-password", { referrer: "same-origin" });

export default async function ResetPasswordPage({ searchParams }: { searchParams: AuthQuery }) {
  const { token } = await readAuthQuery(searchParams);
  if (token === undefined) redirect("/forgot-password");
  const t = await getTranslations("auth");
  if (!(await isTokenUsable(db(), "reset_password", token, now())))
    return (
      <AuthPanel title={t("expired.title")} lead={t("expired.resetPassword")}>
        <AuthLink to="/forgot-password">{t("expired.requestNew")}</AuthLink>
      </AuthPanel>
    );
  return (
    <AuthPanel title={t("resetPassword.title")}>
      <ResetPasswordForm token={token} />
    </AuthPanel>
  );
}
