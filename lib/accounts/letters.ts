import { appLink, type LetterTemplate } from "#lib/accounts/letter.ts";
import { env } from "#lib/core/env.ts";

const unasked = "If you did not ask for this, you can ignore this letter: nothing happens without the link.";

/** Asks somebody who has just signed up whether the address is theirs. */
export const verifyEmailLetter: LetterTemplate<{ email: string; token: string }> = ({ email, token }) => ({
  subject: `Confirm your address for ${env().APP_NAME}`,
  preview: "One click, within 24 hours.",
  heading: "Confirm your address",
  paragraphs: [`You signed up for ${env().APP_NAME} with ${email}. Confirm that this address is yours.`],
  action: { label: "Confirm address", url: appLink("/verify-email", { token }) },
  notes: [
    "The link works once, for 24 hours.",
    "If you did not sign up, you can ignore this letter: somebody may have mistyped their address.",
  ],
});

/** A link that signs in, or signs up whoever has no account yet; the letter is the same for both. */
export const magicLinkLetter: LetterTemplate<{ token: string; next?: string }> = ({ token, next }) => ({
  subject: `Your sign-in link for ${env().APP_NAME}`,
  preview: "It works once, for 15 minutes.",
  heading: `Sign in to ${env().APP_NAME}`,
  paragraphs: ["Open the link on the device on which you want to sign in."],
  action: { label: "Sign in", url: appLink("/magic-link", { token, next }) },
  notes: ["The link works once, for 15 minutes.", unasked],
});

/** A link to choose a new password. */
export const resetPasswordLetter: LetterTemplate<{ token: string }> = ({ token }) => ({
  subject: `Choose a new password for ${env().APP_NAME}`,
  preview: "The link works once, for an hour.",
  heading: "Choose a new password",
  paragraphs: ["Somebody, probably you, asked for a new password for this address."],
  action: { label: "Choose a password", url: appLink("/reset-password", { token }) },
  notes: ["The link works once, for an hour. A new password signs you out everywhere.", unasked],
});

/** What the owner of an address without an account learns when a new password was asked for: nobody else does. */
export const noAccountLetter: LetterTemplate<{ email: string }> = ({ email }) => ({
  subject: `There is no ${env().APP_NAME} account for this address`,
  preview: "Somebody asked for a new password.",
  heading: "No account with this address",
  paragraphs: [
    `Somebody, probably you, asked for a new password for ${email}. There is no account with this address.`,
    "Perhaps you signed up with another one. You can also make an account now.",
  ],
  action: { label: "Sign up", url: appLink("/sign-up") },
  notes: ["If you did not ask for this, you can ignore this letter."],
});

/** What the owner of an account learns when somebody signs up with its address. */
export const alreadyMemberLetter: LetterTemplate<{ email: string }> = ({ email }) => ({
  subject: `You already have a ${env().APP_NAME} account`,
  preview: "Somebody tried to sign up with your address.",
  heading: "You already have an account",
  paragraphs: [
    `Somebody, probably you, tried to sign up with ${email}. This address has an account already, and nothing about it has changed.`,
  ],
  action: { label: "Sign in", url: appLink("/sign-in") },
  notes: [
    `Forgot your password? Choose a new one at ${appLink("/forgot-password")}.`,
    "If this was not you, you can ignore this letter.",
  ],
});

/** Tells the owner that the password is another one now, in case it was not them. */
export const passwordChangedLetter: LetterTemplate<{ email: string }> = ({ email }) => ({
  subject: `Your ${env().APP_NAME} password was changed`,
  preview: "If it was not you, act now.",
  heading: "Your password was changed",
  paragraphs: [
    `The password for ${email} was changed, and every other device was signed out.`,
    "If this was you, there is nothing to do. If not, choose a new password now: that signs everybody else out.",
  ],
  action: { label: "Choose a new password", url: appLink("/forgot-password") },
});
