import type { plans as source } from "#app/_messages/en/plans.ts";
import type { Translation } from "#lib/core/translator.ts";

export const plans: Translation<typeof source> = {
  summary: {
    free: "Zum Ausprobieren.",
    pro: "Für die tägliche Arbeit.",
    enterprise: "Für intensive Nutzung und Automatisierung.",
  },
  features: {
    credit: "{amount} Guthaben pro Monat",
    models: {
      free: "Modelle für den Alltag",
      pro: "Die leistungsfähigsten Chat-Modelle",
      enterprise: "Alle Modelle",
    },
    requests: "{count, number} Anfragen pro Minute",
    apiKeys: "API-Schlüssel für eigene Programme",
  },
  offer: { month: "{plan} monatlich", year: "{plan} jährlich" },
  price: { month: "{amount} pro Monat", year: "{amount} pro Jahr" },
  priceWithTax: { month: "{amount} zzgl. Steuern pro Monat", year: "{amount} zzgl. Steuern pro Jahr" },
  amountWithTax: "{amount} zzgl. Steuern",
  creditPerMonth: "{amount} Guthaben pro Monat",
};
