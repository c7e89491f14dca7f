import { getTranslations } from "next-intl/server";
import { pageMetadata } from "#app/_http/page-metadata.ts";
import { requireUser } from "#app/_http/session/session.ts";
import { ClientMessages } from "#app/_i18n/client-messages.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { PasskeyList } from "#app/(workspace)/settings/security/passkey-list.tsx";
import { RecoveryCodes } from "#app/(workspace)/settings/security/recovery-codes.tsx";
import { TotpSetup } from "#app/(workspace)/settings/security/totp-setup.tsx";
import { SettingsSection } from "#app/(workspace)/settings/settings-section.tsx";
import { db } from "#db/client.ts";
import { listPasskeys } from "#lib/accounts/second-factors/passkeys.ts";
import { readSecondFactors } from "#lib/accounts/second-factors/second-factor.ts";

export const generateMetadata = pageMetadata("/settings/security");

type Props = { searchParams: Promise<{ notice?: string | string[] }> };

export default async function SecurityPage({ searchParams }: Props) {
  const { userId } = await requireUser("/settings/security");
  const [factors, passkeys] = await Promise.all([
    readSecondFactors(db(), userId),
    listPasskeys(db(), userId),
  ]);
  const t = await getTranslations("security");
  const isOn = factors.totp || factors.passkeys > 0;
  const { notice } = await searchParams;
  return (
    <ClientMessages of={["security"]}>
      <PageHeader title={t("title")} description={isOn ? t("on") : t("off")} />
      {notice === "operator" && !isOn && (
        <p role="alert" className="mb-6 rounded-lg border p-4">
          {t("operatorNotice")}
        </p>
      )}
      <SettingsSection title={t("totp.title")} lead={t("totp.lead")}>
        <TotpSetup enabled={factors.totp} />
      </SettingsSection>
      <SettingsSection title={t("passkeys.title")} lead={t("passkeys.lead")}>
        <PasskeyList passkeys={passkeys} />
      </SettingsSection>
      {isOn && (
        <SettingsSection title={t("recoveryCodes.title")} lead={t("recoveryCodes.lead")}>
          <RecoveryCodes left={factors.unusedRecoveryCodes} />
        </SettingsSection>
      )}
    </ClientMessages>
  );
}
