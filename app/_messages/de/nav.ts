import type { nav as source } from "#app/_messages/en/nav.ts";
import type { Translation } from "#lib/core/translator.ts";

export const nav: Translation<typeof source> = {
  usage: "Nutzung",
  billing: "Abrechnung",
  keys: "API",
  operator: "Übersicht",
  operatorCustomers: "Kunden",
  operatorEvents: "Webhooks",
  operatorModels: "Modelle",
  operatorModeration: "Moderation",
  operatorDrift: "Abweichungen",
  operatorShares: "Geteilte Links",
};
