import type { operatorModeration as source } from "#app/_messages/en/operator-moderation.ts";
import type { Translation } from "#lib/core/translator.ts";

export const operatorModeration: Translation<typeof source> = {
  title: "Moderation",
  lead: "{model} prüft Eingaben, während die Antwort vorbereitet wird. Änderungen gelten sofort auf allen Servern.",
  settings: "Einstellungen",
  images: "Bilder in Antworten",
  records: "Gemeldet und blockiert",
  recordsTable: "Gemeldete und blockierte Nachrichten",
  noRecords: "Bisher wurde nichts gemeldet oder blockiert.",
  when: "Datum",
  customer: "Kunde",
  result: "Ergebnis",
  source: "Quelle",
  categories: "Kategorien",
  results: { flagged: "Gemeldet", blocked: "Blockiert" },
  sources: { chat: "Chat", api: "API" },
  deleted: "Gelöscht",
};
