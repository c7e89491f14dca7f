import type { dataEmailMessages as source } from "#lib/accounts/email/messages/data-en.ts";
import type { Translation } from "#lib/core/translator.ts";

export const dataEmailMessages: Translation<typeof source> = {
  exportReady: {
    subject: "Ihre {app}-Daten stehen zum Download bereit",
    preview: "Der Link ist 7 Tage gültig.",
    heading: "Ihre Daten stehen bereit",
    body: "Das Archiv enthält Ihr Profil, Ihre Chats, Ihre Nutzung, Ihre Rechnungen und alles Weitere, was wir über Sie speichern.",
    signIn: "Zum Herunterladen müssen Sie in Ihrem Konto angemeldet sein.",
    size: "Größe",
    expires: "Verfügbar bis",
    action: "Daten herunterladen",
    unrequested:
      "Sie haben das nicht angefordert? Dann ist vielleicht jemand anderes in Ihrem Konto angemeldet. Wählen Sie ein neues Passwort.",
  },
  exportFailed: {
    subject: "Ihre {app}-Daten konnten nicht zusammengestellt werden",
    preview: "Sie können sie erneut anfordern.",
    heading: "Ihre Daten konnten nicht zusammengestellt werden",
    body: "Beim Zusammenstellen Ihres Archivs ist bei uns ein Fehler aufgetreten; wir wurden benachrichtigt. Sie können die Daten erneut anfordern.",
    action: "Einstellungen öffnen",
  },
  deletionScheduled: {
    subject: "Ihr {app}-Konto wird am {date} gelöscht",
    preview: "Bis dahin können Sie die Löschung abbrechen.",
    heading: "Ihr Konto wird am {date} gelöscht",
    body: "Auf Ihren anderen Geräten wurden Sie abgemeldet, und Ihre API-Schlüssel funktionieren nicht mehr. Ihre Chats bleiben bis zu diesem Tag erhalten.",
    billing: "Falls Sie einen Tarif haben, verlängert er sich nicht mehr und endet spätestens an diesem Tag.",
    cancel: "Sie haben es sich anders überlegt? Melden Sie sich an und wählen Sie „Löschung abbrechen“.",
    action: "Löschung abbrechen",
    warning:
      "Wenn Sie das nicht angefordert haben, melden Sie sich an, brechen Sie die Löschung ab und wählen Sie ein neues Passwort: Jemand anderes kann Ihr Konto benutzen.",
  },
  deletionCanceled: {
    subject: "Ihr {app}-Konto wird nicht gelöscht",
    preview: "Die Löschung wurde abgebrochen.",
    heading: "Ihr Konto bleibt bestehen",
    body: "Sie haben die Löschung Ihres Kontos abgebrochen. Es wurde nichts gelöscht. Falls Sie einen Tarif hatten, endet er weiterhin mit dem laufenden Abrechnungszeitraum, sofern Sie ihn nicht auf der Seite „Abrechnung“ behalten.",
    keys: "Widerrufene API-Schlüssel bleiben widerrufen. Erstellen Sie bei Bedarf neue.",
    action: "Zur Abrechnung",
    warning:
      "Wenn Sie die Löschung nicht abgebrochen haben, wählen Sie ein neues Passwort: Jemand anderes kann Ihr Konto benutzen.",
  },
};
