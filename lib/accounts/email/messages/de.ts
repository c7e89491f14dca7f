import type { accountEmailMessages as source } from "#lib/accounts/email/messages/en.ts";
import type { Translation } from "#lib/core/translator.ts";

export const accountEmailMessages: Translation<typeof source> = {
  confirmEmail: {
    subject: "Bestätigen Sie Ihre E-Mail-Adresse für {app}",
    preview: "Der Link ist 24 Stunden lang gültig.",
    heading: "E-Mail-Adresse bestätigen",
    body: "Sie haben sich mit {email} bei {app} registriert. Bestätigen Sie, dass diese Adresse Ihnen gehört.",
    action: "Adresse bestätigen",
    expiry: "Der Link funktioniert einmal und ist 24 Stunden lang gültig.",
    unrequested:
      "Sie haben sich nicht registriert? Dann können Sie diese E-Mail ignorieren. Wahrscheinlich hat sich jemand vertippt.",
  },
  magicLink: {
    subject: "Ihr Anmeldelink für {app}",
    preview: "Er funktioniert einmal und 10 Minuten lang.",
    heading: "Bei {app} anmelden",
    body: "Öffnen Sie den Link in dem Browser, in dem Sie ihn angefordert haben.",
    code: "Sie lesen diese E-Mail auf einem anderen Gerät? Geben Sie dort, wo Sie sich anmelden möchten, diesen Code ein:",
    action: "Anmelden",
    expiry: "Link und Code gelten einmal und 10 Minuten lang.",
  },
  resetPassword: {
    subject: "Ihr {app}-Passwort zurücksetzen",
    preview: "Der Link funktioniert einmal und 10 Minuten lang.",
    heading: "Neues Passwort festlegen",
    body: "Für diese E-Mail-Adresse wurde ein neues Passwort angefordert. Öffnen Sie den Link in dem Browser, in dem Sie ihn angefordert haben.",
    code: "Sie lesen diese E-Mail auf einem anderen Gerät? Geben Sie diesen Code dort ein, wo Sie ihn angefordert haben:",
    action: "Neues Passwort festlegen",
    expiry:
      "Link und Code gelten einmal und 10 Minuten lang. Mit dem neuen Passwort werden Sie auf allen Geräten abgemeldet.",
  },
  newDevice: {
    subject: "Neue Anmeldung bei Ihrem {app}-Konto",
    preview: "{device}. Falls Sie das nicht waren, handeln Sie jetzt.",
    heading: "Neue Anmeldung bei Ihrem Konto",
    body: "Ihr Konto wurde auf einem bisher unbekannten Gerät angemeldet. Wenn Sie das waren, müssen Sie nichts tun.",
    hint: "Andernfalls legen Sie jetzt ein neues Passwort fest. Damit werden alle Geräte abgemeldet.",
    device: "Gerät",
    network: "Netzwerk",
    time: "Zeit",
    action: "Neues Passwort festlegen",
  },
  proofCode: {
    subject: "{code} ist Ihr {app}-Code",
    preview: "Er gilt einmal und 10 Minuten lang.",
    heading: "Identität bestätigen",
    body: "Geben Sie diesen Code ein, um fortzufahren:",
    expiry: "Der Code gilt einmal, 10 Minuten lang und nur dort, wo Sie ihn angefordert haben.",
    unrequested:
      "Sie haben keinen Code angefordert? Möglicherweise ist jemand in Ihrem Konto angemeldet. Legen Sie ein neues Passwort fest.",
  },
  secondFactors: {
    subject: "Zwei-Faktor-Authentifizierung Ihres {app}-Kontos geändert",
    preview: "Falls Sie das nicht waren, handeln Sie jetzt.",
    heading: "Zwei-Faktor-Authentifizierung geändert",
    body: "{change, select, totpAdded {Ihrem Konto wurde eine Authenticator-App hinzugefügt.} totpRemoved {Die Authenticator-App wurde aus Ihrem Konto entfernt.} passkeyAdded {Ihrem Konto wurde ein Passkey hinzugefügt.} passkeyRemoved {Ein Passkey wurde aus Ihrem Konto entfernt.} other {Die Wiederherstellungscodes Ihres Kontos wurden ersetzt.}}",
    hint: "Wenn Sie das waren, müssen Sie nichts tun. Andernfalls legen Sie ein neues Passwort fest und prüfen Sie Ihre Sicherheitseinstellungen.",
    action: "Sicherheitseinstellungen",
  },
  noAccount: {
    subject: "Kein {app}-Konto mit dieser E-Mail-Adresse",
    preview: "Es wurde ein neues Passwort angefordert.",
    heading: "Kein Konto mit dieser Adresse",
    body: "Für {email} wurde ein neues Passwort angefordert. Mit dieser Adresse gibt es aber kein Konto.",
    hint: "Vielleicht haben Sie sich mit einer anderen Adresse registriert. Sie können auch jetzt ein Konto erstellen.",
    action: "Konto erstellen",
    unrequested: "Sie haben das nicht angefordert? Dann können Sie diese E-Mail ignorieren.",
  },
  accountExists: {
    subject: "Sie haben schon ein {app}-Konto",
    preview: "Jemand wollte sich mit Ihrer E-Mail-Adresse registrieren.",
    heading: "Sie haben schon ein Konto",
    body: "Jemand, vermutlich Sie, wollte sich mit {email} registrieren. Mit dieser Adresse gibt es schon ein Konto; daran wurde nichts geändert.",
    action: "Anmelden",
    forgotPassword: "Passwort vergessen? Hier setzen Sie es zurück: {url}",
    unrequested: "Wenn Sie das nicht waren, können Sie diese E-Mail ignorieren.",
  },
  passwordChanged: {
    subject: "Ihr {app}-Passwort wurde geändert",
    preview: "Waren Sie das nicht? Setzen Sie es jetzt zurück.",
    heading: "Ihr Passwort wurde geändert",
    body: "Das Passwort für {email} wurde geändert. Alle anderen Geräte wurden abgemeldet.",
    hint: "Wenn Sie das waren, müssen Sie nichts tun. Wenn nicht, setzen Sie das Passwort jetzt zurück; damit melden Sie alle anderen ab.",
    action: "Passwort zurücksetzen",
  },
  accountDeleted: {
    subject: "Ihr {app}-Konto wurde gelöscht",
    preview: "Es wird nichts mehr abgebucht.",
    heading: "Ihr Konto wurde gelöscht",
    body: "Ihr Konto wurde gelöscht, wie vor sieben Tagen angefordert. Ihr Tarif ist gekündigt, und es wird nichts mehr abgebucht.",
    data: "Ihre Chats, Dateien und API-Schlüssel sind gelöscht. Zahlungsbelege, die wir aufbewahren müssen, enthalten Ihren Namen nicht mehr.",
    action: "Neues Konto erstellen",
  },
  unrequested:
    "Sie haben das nicht angefordert? Dann können Sie diese E-Mail ignorieren. Ohne den Link passiert nichts.",
};
