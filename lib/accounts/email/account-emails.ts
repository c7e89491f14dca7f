import { appLink, type EmailTemplate } from "#lib/accounts/email/email-template.ts";
import { env } from "#lib/core/env.ts";

const unasked = "If you did not ask for this, you can ignore this email: nothing happens without the link.";

/** Verifies the address of a new user. */
export const confirmAddressEmail: EmailTemplate<{ email: string; token: string }> = ({ email, token }) => ({
  subject: `Confirm your address for ${env().APP_NAME}`,
  preview: "One click, within 24 hours.",
  heading: "Confirm your address",
  paragraphs: [`You signed up for ${env().APP_NAME} with ${email}. Confirm that this address is yours.`],
  action: { label: "Confirm address", url: appLink("/verify-email", { token }) },
  notes: [
    "The link works once, for 24 hours.",
    "If you did not sign up, you can ignore this email: somebody may have mistyped their address.",
  ],
});

/** The sign-in link; the same email is sent to known and unknown addresses. */
export const magicLinkEmail: EmailTemplate<{ token: string; next?: string }> = ({ token, next }) => ({
  subject: `Your sign-in link for ${env().APP_NAME}`,
  preview: "It works once, for 15 minutes.",
  heading: `Sign in to ${env().APP_NAME}`,
  paragraphs: ["Open the link on the device on which you want to sign in."],
  action: { label: "Sign in", url: appLink("/magic-link", { token, next }) },
  notes: ["The link works once, for 15 minutes.", unasked],
});

/** The link to reset the password. */
export const resetPasswordEmail: EmailTemplate<{ token: string }> = ({ token }) => ({
  subject: `Choose a new password for ${env().APP_NAME}`,
  preview: "The link works once, for an hour.",
  heading: "Choose a new password",
  paragraphs: ["Somebody, probably you, asked for a new password for this address."],
  action: { label: "Choose a password", url: appLink("/reset-password", { token }) },
  notes: ["The link works once, for an hour. A new password signs you out everywhere.", unasked],
});

/** The response to a password reset for an address without an account. */
export const noAccountEmail: EmailTemplate<{ email: string }> = ({ email }) => ({
  subject: `There is no ${env().APP_NAME} account for this address`,
  preview: "Somebody asked for a new password.",
  heading: "No account with this address",
  paragraphs: [
    `Somebody, probably you, asked for a new password for ${email}. There is no account with this address.`,
    "Perhaps you signed up with another one. You can also make an account now.",
  ],
  action: { label: "Sign up", url: appLink("/sign-up") },
  notes: ["If you did not ask for this, you can ignore this email."],
});

/** Sent to the owner of an account when somebody signs up with its address. */
export const accountExistsEmail: EmailTemplate<{ email: string }> = ({ email }) => ({
  subject: `You already have a ${env().APP_NAME} account`,
  preview: "Somebody tried to sign up with your address.",
  heading: "You already have an account",
  paragraphs: [
    `Somebody, probably you, tried to sign up with ${email}. This address has an account already, and nothing about it has changed.`,
  ],
  action: { label: "Sign in", url: appLink("/sign-in") },
  notes: [
    `Forgot your password? Choose a new one at ${appLink("/forgot-password")}.`,
    "If this was not you, you can ignore this email.",
  ],
});

/** Warns the user that the password was changed. */
export const passwordChangedEmail: EmailTemplate<{ email: string }> = ({ email }) => ({
  subject: `Your ${env().APP_NAME} password was changed`,
  preview: "If it was not you, act now.",
  heading: "Your password was changed",
  paragraphs: [
    `The password for ${email} was changed, and every other device was signed out.`,
    "If this was you, there is nothing to do. If not, choose a new password now: that signs everybody else out.",
  ],
  action: { label: "Choose a new password", url: appLink("/forgot-password") },
});
