import { appLink, type EmailTemplate } from "#lib/accounts/email/email-template.ts";
import { dataEmailMessages as german } from "#lib/accounts/email/messages/data-de.ts";
import { dataEmailMessages as english } from "#lib/accounts/email/messages/data-en.ts";
import { env } from "#lib/core/env.ts";
import { formatsFor } from "#lib/core/formats.ts";
import type { Locale } from "#lib/core/locale.ts";
import { createTranslators } from "#lib/core/translator.ts";

const texts = createTranslators<typeof english>({ en: english, de: german });

type ReadyExport = { exportId: string; token: string; sizeBytes: number; expiresAt: Date };

/** The link to the archive of all of a user's data. */
export const dataExportReadyEmail: EmailTemplate<ReadyExport> = (data, locale) => {
  const t = texts[locale];
  const { exportId: id, token, sizeBytes, expiresAt } = data;
  return {
    subject: t("exportReady.subject", { app: env().APP_NAME }),
    preview: t("exportReady.preview"),
    heading: t("exportReady.heading"),
    paragraphs: [t("exportReady.body"), t("exportReady.signIn")],
    facts: [
      { label: t("exportReady.size"), value: formatsFor(locale).fileSize(sizeBytes) },
      { label: t("exportReady.expires"), value: formatDay(expiresAt, locale) },
    ],
    action: { label: t("exportReady.action"), url: appLink("/settings/export", { id, token }) },
    notes: [t("exportReady.unrequested")],
  };
};

/** Says that the archive could not be built. */
export const dataExportFailedEmail: EmailTemplate<undefined> = (_data, locale) => {
  const t = texts[locale];
  return {
    subject: t("exportFailed.subject", { app: env().APP_NAME }),
    preview: t("exportFailed.preview"),
    heading: t("exportFailed.heading"),
    paragraphs: [t("exportFailed.body")],
    action: { label: t("exportFailed.action"), url: appLink("/settings") },
  };
};

/** Confirms a requested deletion; until its date the user can cancel it. */
export const deletionScheduledEmail: EmailTemplate<{ dueAt: Date }> = ({ dueAt }, locale) => {
  const t = texts[locale];
  const date = formatDay(dueAt, locale);
  return {
    subject: t("deletionScheduled.subject", { app: env().APP_NAME, date }),
    preview: t("deletionScheduled.preview"),
    heading: t("deletionScheduled.heading", { date }),
    paragraphs: [t("deletionScheduled.body"), t("deletionScheduled.billing"), t("deletionScheduled.cancel")],
    action: { label: t("deletionScheduled.action"), url: appLink("/settings") },
    notes: [t("deletionScheduled.warning")],
  };
};

/** Confirms that a requested deletion was canceled. */
export const deletionCanceledEmail: EmailTemplate<undefined> = (_data, locale) => {
  const t = texts[locale];
  return {
    subject: t("deletionCanceled.subject", { app: env().APP_NAME }),
    preview: t("deletionCanceled.preview"),
    heading: t("deletionCanceled.heading"),
    paragraphs: [t("deletionCanceled.body"), t("deletionCanceled.keys")],
    action: { label: t("deletionCanceled.action"), url: appLink("/billing") },
    notes: [t("deletionCanceled.warning")],
  };
};

function formatDay(at: Date, locale: Locale): string {
  return formatsFor(locale).date(at, { dateStyle: "long" });
}
