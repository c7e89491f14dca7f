import { getTranslations } from "next-intl/server";
import { pageMetadata } from "#app/_http/page-metadata.ts";
import { readDeviceId } from "#app/_http/session/device-cookie.ts";
import { redeemMagicLinkAction, requestMagicLinkAction } from "#app/(public)/_auth/actions.ts";
import { AuthForm } from "#app/(public)/_auth/auth-form.tsx";
import { AuthLink } from "#app/(public)/_auth/auth-link.tsx";
import { AuthPanel } from "#app/(public)/_auth/auth-panel.tsx";
import { EmailRequestForm } from "#app/(public)/_auth/email-request-form.tsx";
import { OtherBrowserPanel } from "#app/(public)/_auth/other-browser-panel.tsx";
import { type AuthQuery, readAuthQuery, redirectIfSignedIn } from "#app/(public)/_auth/read-auth-query.ts";
import { db } from "#db/client.ts";
import { readTokenState } from "#lib/accounts/email-tokens.ts";
import { now } from "#lib/core/clock.ts";
import { env } from "#lib/core/env.ts";

// The URL contains a token, which must not reach other sites in the Referer header.
export const generateMetadata = pageMetadata("/magic-link", { referrer: "same-origin" });

export default async function MagicLinkPage({ searchParams }: { searchParams: AuthQuery }) {
  const { next, token } = await readAuthQuery(searchParams);
  if (token === undefined) await redirectIfSignedIn(next);
  const state =
    token === undefined ? null : await readTokenState(db(), "magic_link", token, now(), await readDeviceId());
  if (token !== undefined && state === "usable") return <RedeemLink token={token} next={next} />;
  if (state === "other_browser") return <OtherBrowserPanel />;
  const t = await getTranslations("auth");
  return (
    <AuthPanel
      title={token === undefined ? t("magicLink.title") : t("expired.title")}
      lead={token === undefined ? t("magicLink.lead") : t("expired.magicLink")}
      footer={
        <AuthLink to="/sign-in" next={next}>
          {t("magicLink.usePassword")}
        </AuthLink>
      }
    >
      <EmailRequestForm
        action={requestMagicLinkAction}
        submit={t("magicLink.submit")}
        linkPurpose={t("magicLink.checkEmail")}
        codeForm="sign-in"
        next={next}
        mailboxUrl={env().SANDBOX_MAIL_URL}
      />
    </AuthPanel>
  );
}

/** Requires a click, because email scanners open links and would use up the token. */
async function RedeemLink({ token, next }: { token: string; next: string | undefined }) {
  const t = await getTranslations("auth.magicLink");
  return (
    <AuthPanel title={t("confirmTitle")} lead={t("confirmLead")}>
      <AuthForm action={redeemMagicLinkAction} submit={t("confirm")} hidden={{ token, next }} />
    </AuthPanel>
  );
}
