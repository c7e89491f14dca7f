import { appLink, type EmailTemplate } from "#lib/accounts/email/email-template.ts";
import { accountEmailMessages as german } from "#lib/accounts/email/messages/de.ts";
import { accountEmailMessages as english } from "#lib/accounts/email/messages/en.ts";
import { env } from "#lib/core/env.ts";
import { formatsFor } from "#lib/core/formats.ts";
import { createTranslators } from "#lib/core/translator.ts";

const texts = createTranslators<typeof english>({ en: english, de: german });

type NewDevice = { device: string; network: string; at: Date };

/** Tells the user about a sign-in with a browser that the account was never used in. */
export const newDeviceEmail: EmailTemplate<NewDevice> = ({ device, network, at }, locale) => {
  const t = texts[locale];
  const time = `${formatsFor(locale).date(at, { dateStyle: "medium", timeStyle: "short" })} UTC`;
  return {
    subject: t("newDevice.subject", { app: env().APP_NAME }),
    preview: t("newDevice.preview", { device }),
    heading: t("newDevice.heading"),
    paragraphs: [t("newDevice.body"), t("newDevice.hint")],
    facts: [
      { label: t("newDevice.device"), value: device },
      { label: t("newDevice.network"), value: network },
      { label: t("newDevice.time"), value: time },
    ],
    action: { label: t("newDevice.action"), url: appLink("/forgot-password") },
  };
};

/** The code that proves access to the mailbox before a sensitive action. */
export const proofCodeEmail: EmailTemplate<{ code: string }> = ({ code }, locale) => {
  const t = texts[locale];
  return {
    subject: t("proofCode.subject", { code, app: env().APP_NAME }),
    preview: t("proofCode.preview"),
    heading: t("proofCode.heading"),
    paragraphs: [],
    code: { label: t("proofCode.body"), value: code },
    notes: [t("proofCode.expiry"), t("proofCode.unrequested")],
  };
};

/** A change of the second factors of an account. */
export type SecondFactorChange =
  | "totpAdded"
  | "totpRemoved"
  | "passkeyAdded"
  | "passkeyRemoved"
  | "recoveryCodesReplaced";

/** Tells the user that a second factor was added or removed, or the recovery codes were replaced. */
export const secondFactorsChangedEmail: EmailTemplate<{ change: SecondFactorChange }> = (
  { change },
  locale,
) => {
  const t = texts[locale];
  return {
    subject: t("secondFactors.subject", { app: env().APP_NAME }),
    preview: t("secondFactors.preview"),
    heading: t("secondFactors.heading"),
    paragraphs: [t("secondFactors.body", { change }), t("secondFactors.hint")],
    action: { label: t("secondFactors.action"), url: appLink("/settings/security") },
  };
};
