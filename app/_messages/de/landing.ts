import type { landing as source } from "#app/_messages/en/landing.ts";
import type { Translation } from "#lib/core/translator.ts";

export const landing: Translation<typeof source> = {
  title: "Mit den besten Modellen chatten. Sehen, was jede Antwort kostet.",
  lead: "Alle Modelle an einem Ort. Sie zahlen nur, was Sie nutzen, sehen den Preis jeder Antwort und verlieren keine.",
  start: "Kostenlos starten",
  openChat: "Chat öffnen",
  pricing: "Preise ansehen",
  freeCredit: "Jeden Monat {amount} Guthaben gratis, ohne Kreditkarte.",
  screenshot: "Eine Unterhaltung in {app}: die Frage, die Antwort mit einer Tabelle und darunter ihre Kosten",
  features: {
    title: "Warum {app}",
    receipt: {
      title: "Ein Beleg für jede Antwort",
      body: "Tokens, Dauer und Kosten stehen unter jeder Antwort. Ihr Guthaben haben Sie immer im Blick, und überziehen können Sie es nicht.",
    },
    durable: {
      title: "Keine Antwort geht verloren",
      body: "Tab geschlossen, aufs Handy gewechselt oder keine Verbindung? Die Antwort läuft weiter und ist da, wenn Sie zurückkommen.",
    },
    models: {
      title: "Ein Guthaben, viele Modelle",
      body: "Nutzen Sie schnelle und starke Modelle nebeneinander, im Chat und über eine OpenAI-kompatible API in Ihren eigenen Anwendungen.",
      link: "API-Dokumentation lesen",
    },
  },
  plans: {
    title: "Tarife",
    perMonth: "{price} <small>pro Monat</small>",
    compare: "Tarife vergleichen",
  },
};
