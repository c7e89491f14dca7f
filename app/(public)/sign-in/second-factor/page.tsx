import { redirect } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { pageMetadata } from "#app/_http/page-metadata.ts";
import { safeRedirectPath } from "#app/_http/safe-redirect-path.ts";
import { currentIdentity, currentPendingSignIn } from "#app/_http/session/session.ts";
import { secondFactorPasskeyAction, startSecondFactorPasskeyAction } from "#app/(public)/_auth/actions.ts";
import { AuthPanel } from "#app/(public)/_auth/auth-panel.tsx";
import { PasskeyButton } from "#app/(public)/_auth/passkey-button.tsx";
import { type AuthQuery, readAuthQuery } from "#app/(public)/_auth/read-auth-query.ts";
import { SecondFactorForm } from "#app/(public)/sign-in/second-factor/second-factor-form.tsx";
import { db } from "#db/client.ts";
import { readSecondFactors } from "#lib/accounts/second-factors/second-factor.ts";

export const generateMetadata = pageMetadata("/sign-in/second-factor");

export default async function SecondFactorPage({ searchParams }: { searchParams: AuthQuery }) {
  const { next } = await readAuthQuery(searchParams);
  const pending = await currentPendingSignIn();
  if (pending === null) redirect((await currentIdentity()) === null ? "/sign-in" : safeRedirectPath(next));
  const t = await getTranslations("auth.secondFactor");
  const factors = await readSecondFactors(db(), pending.userId);
  return (
    <AuthPanel title={t("title")} lead={factors.totp ? t("leadTotp") : t("leadPasskey")}>
      {factors.passkeys > 0 && (
        <PasskeyButton
          className="mb-6"
          start={startSecondFactorPasskeyAction}
          finish={secondFactorPasskeyAction}
          next={next}
        />
      )}
      <SecondFactorForm next={next} />
    </AuthPanel>
  );
}
