import type { operatorSessions as source } from "#app/_messages/en/operator-sessions.ts";
import type { Translation } from "#lib/core/translator.ts";

export const operatorSessions: Translation<typeof source> = {
  action: "Überall abmelden",
  title: "{name} überall abmelden?",
  description:
    "Alle Sitzungen enden sofort, auf allen Geräten. Laufende API-Anfragen werden abgebrochen; API-Schlüssel bleiben gültig.",
  cancel: "Abbrechen",
  ended:
    "{count, plural, =0 {Es war niemand angemeldet.} one {Eine Sitzung wurde beendet.} other {# Sitzungen wurden beendet.}}",
};
