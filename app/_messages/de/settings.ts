import type { settings as source } from "#app/_messages/en/settings.ts";
import type { Translation } from "#lib/core/translator.ts";

export const settings: Translation<typeof source> = {
  title: "Einstellungen",
  profile: {
    title: "Profil",
    name: "Name",
    save: "Speichern",
    saved: "Gespeichert.",
    email: "E-Mail-Adresse",
    confirmed: "Bestätigt",
    notConfirmed: "Nicht bestätigt",
  },
  password: {
    title: "Passwort",
    none: "Sie haben noch kein Passwort und melden sich mit einem E-Mail-Link oder einem anderen Dienst an.",
    current: "Aktuelles Passwort",
    new: "Neues Passwort",
    hint: "Mindestens 10 Zeichen. Auf Ihren anderen Geräten werden Sie abgemeldet.",
    change: "Passwort ändern",
    set: "Passwort festlegen",
    changed: "Passwort geändert. Ihre anderen Geräte wurden abgemeldet.",
  },
  security: {
    title: "Sicherheit",
    lead: "Zwei-Faktor-Authentifizierung und Passkeys.",
    open: "Sicherheitseinstellungen",
  },
  devices: {
    title: "Geräte",
    lead: "Hier sind Sie angemeldet. Nach 30 Tagen ohne Nutzung werden Sie abgemeldet.",
    current: "Dieses Gerät",
    unknown: "Unbekanntes Gerät",
    signOut: "Abmelden",
    signOutDevice: "{device} abmelden",
    signOutAll: "Überall abmelden",
    signOutAllText:
      "Sie werden auf allen Geräten abgemeldet, auch auf diesem. Ihre Unterhaltungen und API-Schlüssel bleiben erhalten.",
    stay: "Angemeldet bleiben",
  },
  theme: {
    title: "Design",
    lead: "Gilt nur auf diesem Gerät.",
    system: "System",
    light: "Hell",
    dark: "Dunkel",
  },
  language: { title: "Sprache", lead: "Für die App und für E-Mails." },
  delete: {
    title: "Konto löschen",
    lead: "Löscht Ihr Konto und alle Daten endgültig.",
    dialogTitle: "Möchten Sie Ihr Konto löschen?",
    plan: "{plan} wird sofort gekündigt. Der Rest des Abrechnungszeitraums wird nicht erstattet.",
    data: "Ihre Unterhaltungen, API-Schlüssel und Ihr Guthaben werden endgültig gelöscht.",
    final: "Das lässt sich nicht rückgängig machen.",
    confirm: "Geben Sie zur Bestätigung {email} ein",
    keep: "Konto behalten",
  },
};
