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
  api: "API-Dokumentation",
  language: "Sprache",
  description: "Mit den besten Modellen chatten und bei jeder Antwort sehen, was sie kostet.",
  terms: "Nutzungsbedingungen",
  privacy: "Datenschutz",
  notFound: {
    title: "Seite nicht gefunden",
    body: "Sie wurde vielleicht gelöscht, oder Sie haben keinen Zugriff darauf.",
    openChat: "Chat öffnen",
    home: "Startseite",
  },
  newChat: "Neuer Chat",
  offline: {
    title: "Sie sind offline",
    body: "Diese Seite braucht eine Verbindung. Sie lädt erneut, sobald Sie wieder online sind. Ihre Chats sind gespeichert.",
    retry: "Erneut versuchen",
  },
  screenshotWide: "Eine Unterhaltung mit den Kosten unter jeder Antwort",
  screenshotNarrow: "Eine Unterhaltung auf dem Handy",
};
