import { redirect } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { pageMetadata } from "#app/_http/page-metadata.ts";
import { readDeviceId } from "#app/_http/session/device-cookie.ts";
import { AuthLink } from "#app/(public)/_auth/auth-link.tsx";
import { AuthPanel } from "#app/(public)/_auth/auth-panel.tsx";
import { OtherBrowserPanel } from "#app/(public)/_auth/other-browser-panel.tsx";
import { type AuthQuery, readAuthQuery } from "#app/(public)/_auth/read-auth-query.ts";
import { ResetPasswordForm } from "#app/(public)/reset-password/reset-password-form.tsx";
import { db } from "#db/client.ts";
import { readTokenState } from "#lib/accounts/email-tokens.ts";
import { now } from "#lib/core/clock.ts";

// The URL contains a token, which must not reach other sites in the Referer header.
export const generateMetadata = pageMetadata("/reset-password", { referrer: "same-origin" });

export default async function ResetPasswordPage({ searchParams }: { searchParams: AuthQuery }) {
  const { token, code } = await readAuthQuery(searchParams);
  if (token === undefined && code === undefined) redirect("/forgot-password");
  const state =
    token === undefined
      ? "usable"
      : await readTokenState(db(), "reset_password", token, now(), await readDeviceId());
  if (state === "other_browser") return <OtherBrowserPanel />;
  const t = await getTranslations("auth");
  if (state === "unusable")
    return (
      <AuthPanel title={t("expired.title")} lead={t("expired.resetPassword")}>
        <AuthLink to="/forgot-password">{t("expired.requestNew")}</AuthLink>
      </AuthPanel>
    );
  return (
    <AuthPanel title={t("resetPassword.title")}>
      <ResetPasswordForm token={token} code={code} />
    </AuthPanel>
  );
}
