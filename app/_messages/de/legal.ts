import type { legal as source } from "#app/_messages/en/legal.ts";
import type { Translation } from "#lib/core/translator.ts";

export const legal: Translation<typeof source> = {
  updated: "Stand: {date}",
  contact: "Fragen? Schreiben Sie an {email}.",
  terms: {
    title: "Nutzungsbedingungen",
    lead: "Die Vereinbarung zwischen Ihnen und {app}, wenn Sie diesen Dienst nutzen.",
    service: {
      title: "Der Dienst",
      body: "Mit {app} chatten Sie mit KI-Modellen und nutzen sie über eine API. Antworten stammen von Modellen und können falsch sein. Prüfen Sie sie, bevor Sie sich darauf verlassen.",
    },
    account: {
      title: "Ihr Konto",
      body: "Für {app} brauchen Sie ein Konto. Halten Sie Passwort und API-Schlüssel geheim: Was damit genutzt wird, gilt als Ihre Nutzung. Informieren Sie uns sofort, wenn jemand anderes Zugriff hat.",
    },
    use: {
      title: "Zulässige Nutzung",
      body: "Nutzen Sie {app} nicht, um Gesetze zu verletzen, anderen zu schaden, Spam zu versenden oder den Dienst anzugreifen oder zu überlasten. Konten, die das tun, können wir sperren.",
    },
    content: {
      title: "Ihre Inhalte",
      body: "Was Sie schreiben und welche Antworten Sie erhalten, gehört Ihnen. Wir verarbeiten es nur, um den Dienst bereitzustellen.",
    },
    payment: {
      title: "Tarife, Guthaben und Zahlung",
      body: "Kostenpflichtige Tarife verlängern sich automatisch, bis Sie kündigen. Kündigen können Sie jederzeit; der Tarif endet mit dem Abrechnungszeitraum. Monatsguthaben verfällt am Ende des Monats, aufgeladenes Guthaben nach zwölf Monaten. Eine Auszahlung von Guthaben ist ausgeschlossen.",
    },
    refunds: {
      title: "Erstattungen",
      body: "Wenn wir eine Zahlung erstatten, ziehen wir den gleichen Anteil des damit bezahlten Guthabens ab. Ihre gesetzlichen Rechte bleiben unberührt.",
    },
    ending: {
      title: "Ende der Vereinbarung",
      body: "Ihr Konto können Sie jederzeit in den Einstellungen löschen. Die Löschung erfolgt nach sieben Tagen; Ihr Tarif verlängert sich in dieser Zeit nicht und endet spätestens mit dem Konto. Wir können die Vereinbarung mit einer Frist von 30 Tagen beenden, bei schweren Verstößen gegen diese Bedingungen auch sofort.",
    },
    liability: {
      title: "Haftung",
      body: "Wir haften für Schäden durch Vorsatz oder grobe Fahrlässigkeit und im Übrigen nur, soweit das Gesetz es verlangt.",
    },
  },
  privacy: {
    title: "Datenschutz",
    lead: "Was {app} über Sie speichert, wozu und wie lange.",
    stored: {
      title: "Was wir speichern",
      body: "Ihre E-Mail-Adresse, Ihren Namen und Ihr Passwort (als Hash), Ihre Chats, API-Schlüssel (als Hash), Nutzungsdaten und die Geräte, auf denen Sie angemeldet sind.",
    },
    purpose: {
      title: "Wozu wir es speichern",
      body: "Um den Dienst bereitzustellen, Ihre Nutzung abzurechnen, Ihr Konto zu schützen und gesetzliche Pflichten zu erfüllen. Wir verkaufen Ihre Daten nicht und nutzen sie nicht für Werbung.",
    },
    models: {
      title: "Anbieter der Modelle",
      body: "Ihre Nachrichten gehen an den Anbieter des gewählten Modells, der sie verarbeitet, um die Antwort zu erzeugen.",
    },
    payments: {
      title: "Zahlungen",
      body: "Zahlungen wickelt Stripe ab. Ihre Kartennummer erreicht unsere Server nie; wir sehen nur Marke, letzte vier Ziffern und Ablaufdatum.",
    },
    cookies: {
      title: "Cookies",
      body: "Wir verwenden Cookies nur, damit Sie angemeldet bleiben und wir uns Ihre Sprache merken. Es gibt kein Tracking.",
    },
    retention: {
      title: "Wie lange wir es aufbewahren",
      body: "Chats bleiben, bis Sie sie löschen, und werden 30 Tage danach endgültig entfernt. Der Text temporärer Chats wird nicht gespeichert; Antworten werden nur zwischengespeichert, solange sie geschrieben werden und zehn Minuten danach, damit eine abgebrochene Verbindung fortgesetzt werden kann. Anfrageprotokolle und die Texte von E-Mails bewahren wir höchstens 90 Tage auf. Wenn Sie Ihr Konto löschen, löschen wir Ihre Daten nach sieben Tagen; so lange können Sie die Löschung abbrechen. Zahlungsbelege, die wir aufbewahren müssen, enthalten Ihren Namen nicht mehr.",
    },
    rights: {
      title: "Ihre Rechte",
      body: "Sie können Ihre Daten einsehen und berichtigen sowie in den Einstellungen vollständig herunterladen und Ihr Konto löschen. Außerdem können Sie sich bei einer Datenschutzbehörde beschweren.",
    },
  },
};
