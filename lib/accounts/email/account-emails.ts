import { appLink, type EmailTemplate } from "#lib/accounts/email/email-template.ts";
import { accountEmailMessages as german } from "#lib/accounts/email/messages/de.ts";
import { accountEmailMessages as english } from "#lib/accounts/email/messages/en.ts";
import { env } from "#lib/core/env.ts";
import { createTranslators } from "#lib/core/translator.ts";

const texts = createTranslators<typeof english>({ en: english, de: german });

/** Verifies the address of a new user. */
export const confirmAddressEmail: EmailTemplate<{ email: string; token: string }> = (data, locale) => {
  const t = texts[locale];
  const app = env().APP_NAME;
  return {
    subject: t("confirmEmail.subject", { app }),
    preview: t("confirmEmail.preview"),
    heading: t("confirmEmail.heading"),
    paragraphs: [t("confirmEmail.body", { app, email: data.email })],
    action: { label: t("confirmEmail.action"), url: appLink("/verify-email", { token: data.token }) },
    notes: [t("confirmEmail.expiry"), t("confirmEmail.unrequested")],
  };
};

/** The sign-in link; the same email is sent to known and unknown addresses. */
export const magicLinkEmail: EmailTemplate<{ token: string; code: string; next?: string }> = (
  { code, ...data },
  locale,
) => {
  const t = texts[locale];
  const app = env().APP_NAME;
  return {
    subject: t("magicLink.subject", { app }),
    preview: t("magicLink.preview"),
    heading: t("magicLink.heading", { app }),
    paragraphs: [t("magicLink.body")],
    action: { label: t("magicLink.action"), url: appLink("/magic-link", data) },
    code: { label: t("magicLink.code"), value: code },
    notes: [t("magicLink.expiry"), t("unrequested")],
  };
};

/** The link to reset the password. */
export const resetPasswordEmail: EmailTemplate<{ token: string; code: string }> = (
  { token, code },
  locale,
) => {
  const t = texts[locale];
  return {
    subject: t("resetPassword.subject", { app: env().APP_NAME }),
    preview: t("resetPassword.preview"),
    heading: t("resetPassword.heading"),
    paragraphs: [t("resetPassword.body")],
    action: { label: t("resetPassword.action"), url: appLink("/reset-password", { token }) },
    code: { label: t("resetPassword.code"), value: code },
    notes: [t("resetPassword.expiry"), t("unrequested")],
  };
};

/** The response to a password reset for an address without an account. */
export const noAccountEmail: EmailTemplate<{ email: string }> = ({ email }, locale) => {
  const t = texts[locale];
  return {
    subject: t("noAccount.subject", { app: env().APP_NAME }),
    preview: t("noAccount.preview"),
    heading: t("noAccount.heading"),
    paragraphs: [t("noAccount.body", { email }), t("noAccount.hint")],
    action: { label: t("noAccount.action"), url: appLink("/sign-up") },
    notes: [t("noAccount.unrequested")],
  };
};

/** Sent to the owner of an account when somebody signs up with its address. */
export const accountExistsEmail: EmailTemplate<{ email: string }> = ({ email }, locale) => {
  const t = texts[locale];
  return {
    subject: t("accountExists.subject", { app: env().APP_NAME }),
    preview: t("accountExists.preview"),
    heading: t("accountExists.heading"),
    paragraphs: [t("accountExists.body", { email })],
    action: { label: t("accountExists.action"), url: appLink("/sign-in") },
    notes: [
      t("accountExists.forgotPassword", { url: appLink("/forgot-password") }),
      t("accountExists.unrequested"),
    ],
  };
};

/** Warns the user that the password was changed. */
export const passwordChangedEmail: EmailTemplate<{ email: string }> = ({ email }, locale) => {
  const t = texts[locale];
  return {
    subject: t("passwordChanged.subject", { app: env().APP_NAME }),
    preview: t("passwordChanged.preview"),
    heading: t("passwordChanged.heading"),
    paragraphs: [t("passwordChanged.body", { email }), t("passwordChanged.hint")],
    action: { label: t("passwordChanged.action"), url: appLink("/forgot-password") },
  };
};

/** Confirms the deletion to the former user. */
export const accountDeletedEmail: EmailTemplate<undefined> = (_data, locale) => {
  const t = texts[locale];
  return {
    subject: t("accountDeleted.subject", { app: env().APP_NAME }),
    preview: t("accountDeleted.preview"),
    heading: t("accountDeleted.heading"),
    paragraphs: [t("accountDeleted.body"), t("accountDeleted.data")],
    action: { label: t("accountDeleted.action"), url: appLink("/sign-up") },
  };
};
