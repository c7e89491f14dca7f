import Link from "next/link";
import { getTranslations } from "next-intl/server";
import { pageMetadata } from "#app/_http/page-metadata.ts";
import { loadEntitlements, requestTime } from "#app/_http/request-facts.ts";
import { requireUser } from "#app/_http/session/session.ts";
import { ClientMessages } from "#app/_i18n/client-messages.tsx";
import { LanguageChoice } from "#app/_i18n/language-choice.tsx";
import { Badge } from "#app/_ui/badge.tsx";
import { Button } from "#app/_ui/button.tsx";
import { DateTime } from "#app/_ui/formats/date-time.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { DataExport } from "#app/(workspace)/settings/data/data-export.tsx";
import { DeleteAccount } from "#app/(workspace)/settings/data/delete-account.tsx";
import { ImportChats } from "#app/(workspace)/settings/data/import-chats.tsx";
import { SharedLinks } from "#app/(workspace)/settings/data/shared-links.tsx";
import { DeviceList } from "#app/(workspace)/settings/device-list.tsx";
import { PasswordForm } from "#app/(workspace)/settings/password-form.tsx";
import { ProfileForm } from "#app/(workspace)/settings/profile-form.tsx";
import { SettingsSection } from "#app/(workspace)/settings/settings-section.tsx";
import { ThemeChoice } from "#app/(workspace)/settings/theme-choice.tsx";
import { db } from "#db/client.ts";
import { readDataExport } from "#lib/accounts/data-exports/data-exports.ts";
import { listDevices } from "#lib/accounts/devices/devices.ts";
import { hasPassword } from "#lib/accounts/users.ts";
import { plans } from "#lib/billing/catalog/plans.ts";
import { readImport } from "#lib/chat/portability/import/imports.ts";
import { listShares } from "#lib/chat/sharing/shares.ts";
import { env } from "#lib/core/env.ts";

export const generateMetadata = pageMetadata("/settings");

export default async function SettingsPage() {
  const identity = await requireUser("/settings");
  const { userId, name, email, emailVerifiedAt } = identity;
  const at = requestTime();
  const [devices, userHasPassword, entitlements, dataExport, shares, chatImport] = await Promise.all([
    listDevices(db(), identity, at),
    hasPassword(db(), userId),
    loadEntitlements(identity),
    readDataExport(db(), userId, at),
    listShares(db(), identity, at),
    readImport(db(), identity),
  ]);
  const t = await getTranslations("settings");
  const sharing = await getTranslations("sharing");
  const imports = await getTranslations("imports");
  const links = shares.map(({ token, ...share }) => ({
    ...share,
    url: new URL(`/share/${token}`, env().APP_URL).href,
  }));
  const plan = plans[entitlements.plan];
  return (
    <ClientMessages of={["imports", "settings", "sharing"]}>
      <PageHeader title={t("title")} />
      <SettingsSection title={t("profile.title")}>
        <ProfileForm name={name} />
        <div className="mt-3 flex flex-col gap-1.5">
          <p className="font-medium text-sm">{t("profile.email")}</p>
          <p className="flex flex-wrap items-center gap-3">
            <span className="[overflow-wrap:anywhere]">{email}</span>
            {emailVerifiedAt === null ? (
              <Badge variant="warning">{t("profile.notConfirmed")}</Badge>
            ) : (
              <Badge variant="outline">{t("profile.confirmed")}</Badge>
            )}
          </p>
        </div>
      </SettingsSection>
      <SettingsSection title={t("password.title")} {...(!userHasPassword && { lead: t("password.none") })}>
        <PasswordForm email={email} hasPassword={userHasPassword} />
      </SettingsSection>
      <SettingsSection title={t("security.title")} lead={t("security.lead")}>
        <Button asChild variant="outline">
          <Link href="/settings/security">{t("security.open")}</Link>
        </Button>
      </SettingsSection>
      <SettingsSection title={t("devices.title")} lead={t("devices.lead")}>
        <DeviceList devices={devices} at={at} />
      </SettingsSection>
      <SettingsSection title={t("theme.title")} lead={t("theme.lead")}>
        <ThemeChoice />
      </SettingsSection>
      <SettingsSection title={t("language.title")} lead={t("language.lead")}>
        <LanguageChoice chosen={identity.locale} />
      </SettingsSection>
      <SettingsSection title={sharing("allLinks")} lead={sharing("allLinksLead")}>
        <SharedLinks initial={links} />
      </SettingsSection>
      <SettingsSection title={imports("title")} lead={imports("lead")}>
        <ImportChats initial={chatImport} />
      </SettingsSection>
      <SettingsSection title={t("export.title")} lead={t("export.lead")}>
        <DataExport initial={dataExport} />
      </SettingsSection>
      <SettingsSection title={t("delete.title")} lead={t("delete.lead")}>
        {identity.deletionDueAt === null ? (
          <DeleteAccount email={email} planName={plan.id === "free" ? null : plan.name} />
        ) : (
          <p className="text-sm">
            {t.rich("delete.scheduled", {
              date: () => <DateTime at={identity.deletionDueAt ?? at} format={{ dateStyle: "long" }} />,
            })}
          </p>
        )}
      </SettingsSection>
    </ClientMessages>
  );
}
