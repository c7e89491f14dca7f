import type { verifyEmail as source } from "#app/_messages/en/verify-email.ts";
import type { Translation } from "#lib/core/translator.ts";

export const verifyEmail: Translation<typeof source> = {
  title: "E-Mail-Adresse bestätigen",
  text: "Bestätigen Sie Ihre E-Mail-Adresse.<detail> Wir haben einen Link an {email} gesendet.</detail>",
  resend: "Erneut senden",
  sent: "Gesendet. Der Link ist 24 Stunden lang gültig.",
  mailbox: "Postfach der Sandbox öffnen",
};
