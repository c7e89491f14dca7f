import type { auth as source } from "#app/_messages/en/auth.ts";
import type { Translation } from "#lib/core/translator.ts";

export const auth: Translation<typeof source> = {
  fields: {
    email: "E-Mail-Adresse",
    password: "Passwort",
    newPassword: "Neues Passwort",
    passwordHint: "Mindestens 10 Zeichen",
    newPasswordHint: "Mindestens 10 Zeichen. Sie werden auf allen Geräten abgemeldet.",
  },
  checkEmail: {
    title: "Prüfen Sie Ihr Postfach",
    sentTo: "Wir haben eine E-Mail an <email></email> gesendet.",
    notThere:
      "Nach einigen Minuten noch nichts da? Sehen Sie im Spam-Ordner nach oder versuchen Sie es mit einer anderen Adresse.",
    openMailbox: "Postfach der Sandbox öffnen",
  },
  providers: { continueWith: "Weiter mit {provider}", or: "oder" },
  signIn: {
    title: "Anmelden",
    submit: "Anmelden",
    newHere: "Neu hier? <link>Konto erstellen</link>",
    emailLink: "Anmeldelink per E-Mail",
    forgotPassword: "Passwort vergessen?",
    accessDenied:
      "Die Anmeldung wurde abgebrochen. Versuchen Sie es erneut oder nutzen Sie Ihre E-Mail-Adresse.",
    providerFailed:
      "Die Anmeldung hat nicht geklappt. Ihre E-Mail-Adresse muss beim Anbieter bestätigt sein. Sie können sich auch mit einem Link per E-Mail anmelden.",
    notices: {
      passwordChanged: "Passwort geändert. Melden Sie sich mit dem neuen Passwort an.",
      signedOutEverywhere: "Sie wurden auf allen Geräten abgemeldet.",
    },
  },
  signUp: {
    title: "Konto erstellen",
    lead: "Kostenlos starten, ohne Kreditkarte.",
    submit: "Konto erstellen",
    checkEmail: "Darin steht, wie es weitergeht.",
    haveAccount: "Sie haben schon ein Konto? <link>Anmelden</link>",
  },
  magicLink: {
    title: "Mit E-Mail-Link anmelden",
    lead: "Wir senden Ihnen einen Anmeldelink. Ein Passwort brauchen Sie nicht, auch nicht für ein neues Konto.",
    submit: "Link senden",
    checkEmail:
      "Öffnen Sie den Link darin in diesem Browser oder geben Sie den Code hier ein. Beide gelten einmal und 10 Minuten lang.",
    usePassword: "Mit Passwort anmelden",
    confirmTitle: "Anmelden",
    confirmLead: "Noch ein Klick, dann sind Sie angemeldet.",
    confirm: "Anmelden",
  },
  forgotPassword: {
    title: "Passwort zurücksetzen",
    lead: "Wir senden Ihnen einen Link, mit dem Sie ein neues Passwort festlegen.",
    submit: "Link senden",
    checkEmail:
      "Gibt es zu dieser Adresse ein Konto, können Sie mit dem Link oder dem Code aus der E-Mail in diesem Browser ein neues Passwort festlegen. Beide sind 10 Minuten lang gültig.",
    back: "Zurück zur Anmeldung",
  },
  resetPassword: { title: "Neues Passwort festlegen", submit: "Passwort ändern" },
  verifyEmail: {
    title: "E-Mail-Adresse bestätigen",
    lead: "Bestätigen Sie mit einem Klick, dass diese Adresse Ihnen gehört.",
    submit: "Adresse bestätigen",
    confirmed: "<email></email> ist bestätigt.",
    openChat: "Zu Ihren Chats",
    signInTitle: "Anmelden und E-Mail-Adresse bestätigen",
    signInLead:
      "Sie sind auf diesem Gerät nicht angemeldet. Mit der Anmeldung zeigen Sie, dass das Konto Ihnen gehört.",
    signIn: "Anmelden",
    emailLink: "Anmeldelink per E-Mail",
    notYours:
      "Sie haben kein Konto erstellt? Fordern Sie einen Anmeldelink an: Das Konto gehört dann Ihnen, und wer es erstellt hat, verliert den Zugriff.",
  },
  emailedCode: { label: "Code aus der E-Mail", signIn: "Anmelden", continue: "Weiter" },
  otherBrowser: {
    title: "Zurück zum anderen Browser",
    lead: "Dieser Link funktioniert nur in dem Browser, in dem er angefordert wurde. Öffnen Sie ihn dort oder geben Sie dort den Code aus der E-Mail ein.",
    close: "Sie können diese Seite schließen.",
  },
  passkey: {
    signIn: "Passkey verwenden",
    notUsed:
      "Es wurde kein Passkey verwendet. Versuchen Sie es erneut oder melden Sie sich auf anderem Weg an.",
  },
  secondFactor: {
    title: "Zwei-Faktor-Authentifizierung",
    leadTotp: "Geben Sie den Code aus Ihrer Authenticator-App ein.",
    leadPasskey: "Verwenden Sie Ihren Passkey oder geben Sie einen Wiederherstellungscode ein.",
    code: "Code",
    codeHint: "Kein Zugriff auf App oder Passkey? Geben Sie einen Wiederherstellungscode ein.",
    submit: "Anmelden",
    cancel: "Abbrechen",
  },
  expired: {
    title: "Dieser Link ist nicht mehr gültig",
    magicLink: "Er wurde schon verwendet oder ist älter als 10 Minuten. Fordern Sie unten einen neuen an.",
    resetPassword: "Er wurde schon verwendet oder ist älter als 10 Minuten. Ihr Passwort ist unverändert.",
    verifyEmail:
      "Er wurde schon verwendet oder ist älter als ein Tag. In den Einstellungen können Sie einen neuen anfordern.",
    requestNew: "Neuen Link anfordern",
    openSettings: "Einstellungen öffnen",
  },
};
