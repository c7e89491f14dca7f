import type { transcript as source } from "#app/_messages/en/transcript.ts";
import type { Translation } from "#lib/core/translator.ts";

export const transcript: Translation<typeof source> = {
  question: "Nachricht",
  answerBy: "Antwort von {model}",
  assistant: "Assistent",
  empty: "Diese Antwort ist leer.",
  shared: "Ein mit {app} geteilter Chat",
  sharedOn: "Geteilt am <date></date>. Antworten stammen von KI und können falsch sein.",
  invitation: "Beginnen Sie Ihren eigenen Chat mit {app}.",
  start: "Chat beginnen",
  pages: "Seiten",
  pageOf: "Seite {page, number} von {count, number}",
  earlier: "Frühere Nachrichten",
  later: "Spätere Nachrichten",
  missingTitle: "Dieser Link ist nicht verfügbar",
  missing: "Vielleicht ist er abgelaufen, oder der Chat wird nicht mehr geteilt.",
  home: "Startseite",
  print: "Drucken oder als PDF speichern",
};
