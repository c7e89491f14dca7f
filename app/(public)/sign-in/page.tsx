import { getTranslations } from "next-intl/server";
import { pageMetadata } from "#app/_http/page-metadata.ts";
import { configuredProviders } from "#app/_http/session/oauth-providers.ts";
import type { Messages } from "#app/_messages/catalogs.ts";
import { passkeySignInAction, startPasskeySignInAction } from "#app/(public)/_auth/actions.ts";
import { AuthLink } from "#app/(public)/_auth/auth-link.tsx";
import { AuthPanel } from "#app/(public)/_auth/auth-panel.tsx";
import { PasskeyButton } from "#app/(public)/_auth/passkey-button.tsx";
import { ProviderButtons } from "#app/(public)/_auth/provider-buttons.tsx";
import { type AuthQuery, readAuthQuery, redirectIfSignedIn } from "#app/(public)/_auth/read-auth-query.ts";
import { SignInForm } from "#app/(public)/sign-in/sign-in-form.tsx";
import { env } from "#lib/core/env.ts";

export const generateMetadata = pageMetadata("/sign-in");

/** The messages for the query parameter `notice`, by which other pages say what has just happened. */
const notices: Record<string, keyof Messages["auth"]["signIn"]["notices"]> = {
  "password-changed": "passwordChanged",
  "signed-out-everywhere": "signedOutEverywhere",
};

export default async function SignInPage({ searchParams }: { searchParams: AuthQuery }) {
  const { next, error, notice } = await readAuthQuery(searchParams);
  await redirectIfSignedIn(next);
  const t = await getTranslations("auth.signIn");
  const noticeKey = notice === undefined ? undefined : notices[notice];
  return (
    <AuthPanel
      title={t("title")}
      lead={noticeKey && t(`notices.${noticeKey}`)}
      footer={
        <p>
          {t.rich("newHere", {
            link: (text) => (
              <AuthLink to="/sign-up" next={next}>
                {text}
              </AuthLink>
            ),
          })}
        </p>
      }
    >
      {error !== undefined && (
        <p role="alert" className="mb-6 text-danger text-sm">
          {/* The provider names the reason only in this case; the log has the details of all others. */}
          {t(error === "AccessDenied" ? "accessDenied" : "providerFailed")}
        </p>
      )}
      <ProviderButtons providers={configuredProviders(env())} next={next} />
      <SignInForm next={next} />
      <PasskeyButton
        className="mt-3"
        start={startPasskeySignInAction}
        finish={passkeySignInAction}
        next={next}
      />
      <div className="mt-6 flex flex-wrap justify-between gap-x-6 gap-y-3 text-sm">
        <AuthLink to="/magic-link" next={next}>
          {t("emailLink")}
        </AuthLink>
        <AuthLink to="/forgot-password">{t("forgotPassword")}</AuthLink>
      </div>
    </AuthPanel>
  );
}
