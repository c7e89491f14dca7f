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
      "Sie werden auf allen Geräten abgemeldet, auch auf diesem. Ihre Chats und API-Schlüssel bleiben erhalten.",
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
  export: {
    title: "Ihre Daten",
    lead: "Laden Sie alles, was wir über Sie speichern, als ZIP-Datei mit JSON, Markdown und CSV herunter.",
    request: "Download anfordern",
    again: "Neuen Download anfordern",
    building: "Ihre Daten werden zusammengestellt",
    leave: "Sie können diese Seite verlassen. Wir schreiben Ihnen eine E-Mail, sobald alles bereit ist.",
    ready: "{size}, erstellt am <created></created>. Verfügbar bis <expires></expires>.",
    readyStatus: "Ihre Daten stehen zum Download bereit.",
    download: "Herunterladen",
    failed: "Ihre Daten konnten nicht zusammengestellt werden. Sie können sie erneut anfordern.",
    linkExpired:
      "Dieser Link ist abgelaufen oder gehört zu einem anderen Konto. Einen neuen Download können Sie in den Einstellungen anfordern.",
    toSettings: "Zu den Einstellungen",
  },
  delete: {
    title: "Konto löschen",
    lead: "Löscht Ihr Konto und alle Daten nach 7 Tagen endgültig. Bis dahin können Sie die Löschung abbrechen.",
    dialogTitle: "Möchten Sie Ihr Konto löschen?",
    now: "Sofort: Sie werden auf Ihren anderen Geräten abgemeldet, und Ihre API-Schlüssel funktionieren dauerhaft nicht mehr.",
    plan: "{plan} verlängert sich nicht mehr. Dauert der Abrechnungszeitraum länger als 7 Tage, endet {plan} mit Ihrem Konto; der Rest wird nicht erstattet.",
    data: "In 7 Tagen: Ihre Chats und Ihr Guthaben werden endgültig gelöscht.",
    final: "Bis dahin können Sie die Löschung abbrechen. Danach lässt sie sich nicht rückgängig machen.",
    confirm: "Geben Sie zur Bestätigung {email} ein",
    keep: "Konto behalten",
    scheduled:
      "Ihr Konto wird am <date></date> gelöscht. Oben auf dieser Seite können Sie die Löschung abbrechen.",
  },
};
