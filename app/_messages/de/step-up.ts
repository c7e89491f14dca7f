import type { stepUp as source } from "#app/_messages/en/step-up.ts";
import type { Translation } from "#lib/core/translator.ts";

export const stepUp: Translation<typeof source> = {
  title: "Identität bestätigen",
  lead: "Diese Aktion erfordert eine neue Bestätigung. Sie gilt 10 Minuten.",
  sentTo: "Wir haben einen Code an {email} gesendet.",
  password: "Passwort",
  code: "Code",
  codeHint: "Aus Ihrer Authenticator-App oder ein Wiederherstellungscode.",
  emailedCode: "Code aus der E-Mail",
  usePasskey: "Passkey verwenden",
  noPasskey: "Es wurde kein Passkey verwendet. Versuchen Sie es erneut.",
  emailCode: "Code per E-Mail senden",
  resend: "Neuen Code senden",
  confirm: "Bestätigen",
};
