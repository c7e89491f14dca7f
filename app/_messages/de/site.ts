import type { site as source } from "#app/_messages/en/site.ts";
import type { Translation } from "#lib/core/translator.ts";

export const site: Translation<typeof source> = {
  skipToContent: "Zum Inhalt springen",
  mainNavigation: "Hauptnavigation",
  footerNavigation: "Fußzeile",
  pricing: "Preise",
  signIn: "Anmelden",
  getStarted: "Loslegen",
  openChat: "Chat öffnen",
  api: "API-Referenz",
  language: "Sprache",
  description: "Mit den besten Modellen chatten und bei jeder Antwort sehen, was sie kostet.",
};
