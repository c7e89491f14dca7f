import { getTranslations } from "next-intl/server";
import { pageMetadata } from "#app/_http/page-metadata.ts";
import { configuredProviders } from "#app/_http/session/oauth-providers.ts";
import { AuthLink } from "#app/(public)/_auth/auth-link.tsx";
import { AuthPanel } from "#app/(public)/_auth/auth-panel.tsx";
import { ProviderButtons } from "#app/(public)/_auth/provider-buttons.tsx";
import { type AuthQuery, readAuthQuery, redirectIfSignedIn } from "#app/(public)/_auth/read-auth-query.ts";
import { SignUpForm } from "#app/(public)/sign-up/sign-up-form.tsx";
import { env } from "#lib/core/env.ts";

export const generateMetadata = pageMetadata("/sign-up");

export default async function SignUpPage({ searchParams }: { searchParams: AuthQuery }) {
  const { next } = await readAuthQuery(searchParams);
  await redirectIfSignedIn(next);
  const t = await getTranslations("auth.signUp");
  return (
    <AuthPanel
      title={t("title")}
      lead={t("lead")}
      footer={
        <p>
          {t.rich("haveAccount", {
            link: (text) => (
              <AuthLink to="/sign-in" next={next}>
                {text}
              </AuthLink>
            ),
          })}
        </p>
      }
    >
      <ProviderButtons providers={configuredProviders(env())} next={next} />
      <SignUpForm next={next} mailboxUrl={env().SANDBOX_MAIL_URL} />
    </AuthPanel>
  );
}
