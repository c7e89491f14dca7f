import type { security as source } from "#app/_messages/en/security.ts";
import type { Translation } from "#lib/core/translator.ts";

export const security: Translation<typeof source> = {
  title: "Sicherheit",
  on: "Die Zwei-Faktor-Authentifizierung ist aktiv. Sie wird bei jeder Anmeldung mit Passwort, E-Mail-Link oder einem anderen Dienst abgefragt.",
  off: "Die Zwei-Faktor-Authentifizierung ist nicht aktiv. Fügen Sie eine Authenticator-App oder einen Passkey hinzu, um sie zu aktivieren.",
  operatorNotice:
    "Für die Betreiberkonsole ist die Zwei-Faktor-Authentifizierung erforderlich. Richten Sie sie ein, um die Konsole zu öffnen.",
  totp: {
    title: "Authenticator-App",
    lead: "Alle 30 Sekunden ein neuer sechsstelliger Code.",
    enabled: "Ihre Authenticator-App ist eingerichtet.",
    setUp: "Authenticator-App einrichten",
    remove: "Authenticator-App entfernen",
    scan: "Scannen Sie den QR-Code mit Ihrer Authenticator-App und geben Sie den angezeigten Code ein.",
    qrCode: "QR-Code für Ihre Authenticator-App",
    key: "Scannen nicht möglich? Geben Sie diesen Schlüssel ein: <key></key>",
    code: "Code",
    turnOn: "Aktivieren",
  },
  passkeys: {
    title: "Passkeys",
    lead: "Anmelden mit Fingerabdruck, Gesicht oder Geräte-PIN.",
    name: "Name des neuen Passkeys",
    nameHint: "Zum Beispiel „Laptop“ oder „Sicherheitsschlüssel“.",
    add: "Passkey hinzufügen",
    notCreated: "Es wurde kein Passkey erstellt. Versuchen Sie es erneut.",
    added: "Hinzugefügt am <date></date>",
    rename: "Umbenennen",
    renameOf: "{name} umbenennen",
    newName: "Neuer Name für {name}",
    save: "Speichern",
    remove: "Entfernen",
    removeOf: "{name} entfernen",
  },
  recoveryCodes: {
    title: "Wiederherstellungscodes",
    lead: "Damit melden Sie sich an, wenn Sie keinen anderen zweiten Faktor zur Hand haben.",
    left: "{count, plural, one {Noch # Code.} other {Noch # Codes.}}",
    replace: "Neue Codes erstellen",
    save: "Wiederherstellungscodes speichern",
    saveHint:
      "Jeder Code gilt einmal. Bewahren Sie die Codes sicher auf: Wir können sie nicht noch einmal anzeigen.",
  },
};
