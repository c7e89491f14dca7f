import Link from "next/link";
import { pageMetadata } from "#app/_http/page-metadata.ts";
import { loadEntitlements, requestTime } from "#app/_http/request-facts.ts";
import { requireUser } from "#app/_http/session/session.ts";
import { LanguageChoice } from "#app/_i18n/language-choice.tsx";
import { Badge } from "#app/_ui/badge.tsx";
import { Button } from "#app/_ui/button.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { DeleteAccount } from "#app/(workspace)/settings/delete-account.tsx";
import { DeviceList } from "#app/(workspace)/settings/device-list.tsx";
import { PasswordForm } from "#app/(workspace)/settings/password-form.tsx";
import { ProfileForm } from "#app/(workspace)/settings/profile-form.tsx";
import { SettingsSection } from "#app/(workspace)/settings/settings-section.tsx";
import { ThemeChoice } from "#app/(workspace)/settings/theme-choice.tsx";
import { db } from "#db/client.ts";
import { listDevices } from "#lib/accounts/devices/devices.ts";
import { hasPassword } from "#lib/accounts/users.ts";
import { plans } from "#lib/billing/catalog/plans.ts";

export const generateMetadata = pageMetadata("/settings");

export default async function SettingsPage() {
  const identity = await requireUser("/settings");
  const { userId, name, email, emailVerifiedAt } = identity;
  const at = requestTime();
  const [devices, userHasPassword, entitlements] = await Promise.all([
    listDevices(db(), identity, at),
    hasPassword(db(), userId),
    loadEntitlements(identity),
  ]);
  const plan = plans[entitlements.plan];
  return (
    <>
      <PageHeader title="Settings" />
      <SettingsSection title="You">
        <ProfileForm name={name} />
        <div className="mt-3 flex flex-col gap-1.5">
          <p className="font-medium text-sm">E-mail address</p>
          <p className="flex flex-wrap items-center gap-3">
            <span className="[overflow-wrap:anywhere]">{email}</span>
            {emailVerifiedAt === null ? (
              <Badge variant="warning">Not confirmed</Badge>
            ) : (
              <Badge variant="outline">Confirmed</Badge>
            )}
          </p>
        </div>
      </SettingsSection>
      <SettingsSection
        title="Password"
        {...(!userHasPassword && {
          lead: "You have none yet, and sign in with a link or another service.",
        })}
      >
        <PasswordForm email={email} hasPassword={userHasPassword} />
      </SettingsSection>
      <SettingsSection title="Security" lead="Two-factor authentication and passkeys.">
        <Button asChild variant="outline">
          <Link href="/settings/security">Security settings</Link>
        </Button>
      </SettingsSection>
      <SettingsSection
        title="Devices"
        lead="Where you are signed in. You're signed out after 30 days without use."
      >
        <DeviceList devices={devices} at={at} />
      </SettingsSection>
      <SettingsSection title="Theme" lead="Kept on this device.">
        <ThemeChoice />
      </SettingsSection>
      <SettingsSection title="Language" lead="For the app and for emails.">
        <LanguageChoice chosen={identity.locale} />
      </SettingsSection>
      <SettingsSection title="Delete account" lead="Everything, at once and for good.">
        <DeleteAccount email={email} planName={plan.id === "free" ? null : plan.name} />
      </SettingsSection>
    </>
  );
}
