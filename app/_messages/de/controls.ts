import type { controls as source } from "#app/_messages/en/controls.ts";
import type { Translation } from "#lib/core/translator.ts";

export const controls: Translation<typeof source> = {
  offline: "Sie sind offline. Versuchen Sie es erneut, sobald Sie wieder verbunden sind.",
  language: { legend: "Sprache", system: "System" },
  close: "Schließen",
  closeMenu: "Menü schließen",
  table: "Tabelle",
  error: {
    title: "Da ist etwas schiefgegangen",
    body: "Der Fehler liegt bei uns. Es ging nichts verloren, und es wurde nichts berechnet.",
    reference: "Wenn das öfter passiert, nennen Sie uns diesen Code: {digest}",
    request: "Anfrage-ID: {requestId}.",
    trace: "Anfrage-ID: {requestId}. Trace-ID: {traceId}.",
    retry: "Noch einmal versuchen",
  },
  refunds: {
    refunded: "Erstattet",
    refundedShare: "{amount} von {total} erstattet",
    disputed: "Angefochten",
    disputedShare: "{amount} von {total} angefochten",
  },
  chartByDay: "{label} nach Tagen",
};
