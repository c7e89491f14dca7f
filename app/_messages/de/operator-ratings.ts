import type { operatorRatings as source } from "#app/_messages/en/operator-ratings.ts";
import type { Translation } from "#lib/core/translator.ts";

export const operatorRatings: Translation<typeof source> = {
  model: "Modell",
  title: "Bewertungen von Antworten",
  empty: "Noch wurde keine Antwort bewertet.",
  good: "Gut",
  bad: "Schlecht",
  reason: "Gründe",
  reasons: {
    incorrect: "Nicht korrekt",
    incomplete: "Unvollständig",
    ignored: "Anweisungen ignoriert",
    length: "Falsche Länge",
    refused: "Verweigert",
    other: "Anderes",
  },
};
