import type { billingEmailMessages as source } from "#lib/billing/emails/messages/en.ts";
import type { Translation } from "#lib/core/translator.ts";

export const billingEmailMessages: Translation<typeof source> = {
  price: {
    perMonth: "{amount} pro Monat",
    perYear: "{amount} pro Jahr",
    plusTax: "{amount} zzgl. Steuern",
  },
  offer: { month: "{plan}, monatliche Zahlung", year: "{plan}, jährliche Zahlung" },
  labels: {
    plan: "Tarif",
    price: "Preis",
    monthlyCredit: "Monatsguthaben",
    renews: "Verlängert sich am",
    trialCredit: "Guthaben der Testphase",
    firstPayment: "Erste Zahlung",
    afterwards: "Danach",
    endsOn: "{plan} endet am",
    nextAttempt: "Nächster Versuch",
    toConfirm: "Betrag",
    card: "Karte",
    cardExpires: "Gültig bis",
    payment: "Ihre Zahlung",
    refunded: "Erstattet",
    creditRemoved: "Abgezogenes Guthaben",
    used: "Verbraucht",
    periodCredit: "Guthaben in diesem Zeitraum",
    newCredit: "Neues Guthaben am",
    extraUsed: "Zusatznutzung",
    limit: "Ihr Limit",
    billedOn: "Abrechnung am",
  },
  amountOn: "{amount} am {date}",
  welcome: {
    subject: "{app} {plan} ist aktiv",
    preview: "Jeden Monat erhalten Sie {credit} Guthaben.",
    heading: "{plan} ist aktiv",
    body: "Ihre Zahlung ist eingegangen, und das Guthaben für diesen Monat steht bereit.",
    action: "Tarif ansehen",
    note: "Sie können jederzeit kündigen und behalten Ihren Tarif bis zum Ende des Abrechnungszeitraums.",
  },
  trialStarted: {
    subject: "Ihre Testphase von {app} {plan} hat begonnen",
    preview: "Kostenlos bis zum {date}.",
    heading: "Ihre Testphase von {plan} hat begonnen",
    body: "Es wurde nichts abgebucht. Die Testphase endet am {date}; an diesem Tag buchen wir {amount} von Ihrer Karte ab. Wenn Sie vorher kündigen, zahlen Sie nichts.",
    action: "Testphase ansehen",
    note: "Kündigen können Sie jederzeit auf der Abrechnungsseite.",
  },
  trialEnding: {
    subject: "Ihre Testphase von {app} {plan} endet am {date}",
    preview: "Dann buchen wir {amount} ab, wenn Sie nicht kündigen.",
    heading: "Ihre Testphase endet am {date}",
    body: "An diesem Tag buchen wir {amount} von Ihrer Karte ab, und {plan} läuft mit {credit} Guthaben pro Monat weiter.",
    cancel:
      "Wenn Sie nicht weitermachen möchten, kündigen Sie vorher. Es wird nichts abgebucht, und Ihre Daten bleiben erhalten.",
    action: "Testphase verwalten",
  },
  trialRefused: {
    subject: "Ihre Testphase von {app} {plan} konnte nicht beginnen",
    preview: "Es wurde nichts abgebucht.",
    heading: "Ihre Testphase konnte nicht beginnen",
    body: "Mit jeder Karte und jeder E-Mail-Adresse ist eine Testphase möglich, und eine von Ihren wurde schon dafür genutzt. Wir haben diese Testphase deshalb sofort beendet; es wird nichts abgebucht.",
    offer: "Sie können {plan} jederzeit für {price} abonnieren.",
    action: "Tarife vergleichen",
  },
  canceled: {
    subject: "{app} {plan} ist gekündigt",
    preview: "Sie behalten den Tarif bis zum {date}.",
    heading: "{plan} ist gekündigt",
    keep: "{isTrial, select, yes {Sie behalten Ihre Testphase von {plan} samt Guthaben bis zum {date}. Es wird nichts abgebucht.} other {Sie behalten {plan} samt Guthaben bis zum {date}. Es wird nichts mehr abgebucht.}}",
    keepWithUsage:
      "Sie behalten {plan} samt Guthaben bis zum {date}. Abgebucht wird nur noch die Zusatznutzung bis dahin.",
    afterwards:
      "Danach wechselt Ihr Workspace zu Free. Chats, API-Schlüssel, Rechnungen und aufgeladenes Guthaben bleiben erhalten.",
    action: "{plan} behalten",
    note: "Bis dahin können Sie es sich anders überlegen.",
  },
  planEnded: {
    subject: "{app} {plan} ist beendet",
    preview: "Ihr Workspace nutzt jetzt Free. Es wurde nichts gelöscht.",
    heading: "{plan} ist beendet",
    body: "Ihr Workspace nutzt jetzt Free, und es wird nichts mehr abgebucht.",
    unpaid:
      "Wir konnten Ihre Zahlung von {amount} nicht einziehen. Ihr Workspace nutzt deshalb jetzt Free. Wir belasten Ihre Karte nicht noch einmal. Die Rechnung können Sie weiterhin auf der Abrechnungsseite bezahlen.",
    kept: "Chats, API-Schlüssel und Rechnungen sind weiterhin da. Aufgeladenes Guthaben bleibt zwölf Monate ab Kauf gültig.",
    action: "Tarife vergleichen",
  },
  paymentFailed: {
    subject: "Ihre Zahlung für {app} {plan} ist fehlgeschlagen",
    preview: "Prüfen Sie Ihre Karte, um den Tarif zu behalten.",
    heading: "Ihre Zahlung ist fehlgeschlagen",
    body: "Wir konnten {amount} für {plan} nicht von Ihrer Karte abbuchen.",
    action: "Jetzt bezahlen",
  },
  access: {
    kept: "Sie behalten {plan} bis zum {date}. Danach nutzt Ihr Workspace Free, bis die Zahlung eingegangen ist. Es wird nichts gelöscht.",
    lost: "Ihr Workspace nutzt Free, bis die Zahlung eingegangen ist. Es wird nichts gelöscht.",
    unchanged: "Bis dahin bleibt Ihr Tarif unverändert.",
  },
  actionRequired: {
    subject: "Bestätigen Sie Ihre Zahlung für {app} {plan}",
    preview: "Ihre Bank braucht Ihre Bestätigung. Es dauert nur eine Minute.",
    heading: "Ihre Bank braucht Ihre Bestätigung",
    body: "Wir wollten {amount} für {plan} abbuchen, und Ihre Bank bittet Sie um eine Bestätigung. Abgebucht wird erst, wenn Sie die Zahlung auf der Abrechnungsseite bestätigen.",
    action: "Zahlung bestätigen",
  },
  cardExpiring: {
    subject: "Ihre Karte für {app} läuft bald ab",
    preview: "Die Karte mit den Endziffern {last4}.",
    heading: "Ihre Karte läuft bald ab",
    body: "Ihre Karte für {plan} ist noch bis {expiry} gültig. Hinterlegen Sie vorher eine neue, damit es ohne Unterbrechung weitergeht.",
    cardName: "{brand}, Endziffern {last4}",
    action: "Karte ändern",
  },
  topUpFailed: {
    subject: "Ihre Aufladung bei {app} ist fehlgeschlagen",
    preview: "Es wurde kein Guthaben hinzugefügt.",
    heading: "Ihre Aufladung ist fehlgeschlagen",
    body: "Ihre Bank hat die Zahlung von {amount} abgelehnt. Deshalb wurde kein Guthaben hinzugefügt. Sie können es mit einer Karte oder einem anderen Bankkonto erneut versuchen.",
    action: "Erneut aufladen",
  },
  refunded: {
    subject: "Ihre Erstattung von {app}",
    preview: "Wir haben {amount} erstattet.",
    heading:
      "{isWhole, select, yes {Ihre Zahlung wurde erstattet} other {Ihre Zahlung wurde teilweise erstattet}}",
    body: "Das Geld geht auf dem Weg zurück, auf dem Sie bezahlt haben. Bis Ihre Bank es anzeigt, können 5 bis 10 Tage vergehen.",
    creditRemoved: "Das damit bezahlte Guthaben haben wir im gleichen Verhältnis abgezogen.",
    creditKept: "Ihr Guthaben ist unverändert.",
    action: "Guthaben ansehen",
  },
  allowanceWarning: {
    title:
      "{percent, select, 50 {Die Hälfte Ihres Guthabens ist verbraucht} 80 {80 % Ihres Guthabens sind verbraucht} other {Ihr Guthaben ist aufgebraucht}}",
    preview: "{used} von {limit}. Neues Guthaben gibt es am {date}.",
    body: "Ihr Workspace hat {used} von {limit} verbraucht, die im Tarif enthalten sind. Neues Guthaben gibt es am {date}.",
    withOverage:
      "Zusatznutzung ist aktiviert: Ist das Guthaben aufgebraucht, können Sie in diesem Zeitraum bis {cap} weitermachen. Abgerechnet wird am Ende des Zeitraums.",
    canEnable:
      "Ist alles Guthaben aufgebraucht, gibt es keine Antworten mehr. Sie können aufladen oder Zusatznutzung mit einem Limit Ihrer Wahl aktivieren.",
    free: "Ist alles Guthaben aufgebraucht, gibt es keine Antworten mehr. Sie können aufladen oder zu einem Tarif mit mehr Guthaben wechseln.",
    canTopUp: "Ist alles Guthaben aufgebraucht, gibt es keine Antworten mehr. Sie können jederzeit aufladen.",
    comparePlans: "Tarife vergleichen",
    viewCredit: "Guthaben ansehen",
    note: "Aufgeladenes Guthaben wird nach dem Guthaben Ihres Tarifs verbraucht und ist hier nicht enthalten.",
  },
  capWarning: {
    title:
      "{percent, select, 50 {Die Hälfte Ihres Ausgabenlimits ist erreicht} 80 {80 % Ihres Ausgabenlimits sind erreicht} other {Ihr Ausgabenlimit ist erreicht}}",
    preview: "{used} von {limit}, Abrechnung am {date}.",
    body: "Ihr Workspace hat in diesem Zeitraum {used} von {limit} für Zusatznutzung verbraucht.",
    reached: "Antworten gibt es wieder, wenn neues Guthaben da ist oder Sie das Limit erhöhen.",
    approaching:
      "Ist das Limit erreicht, gibt es keine Antworten mehr, bis neues Guthaben da ist. Sie können das Limit jederzeit ändern; es gilt sofort.",
    action: "Limit verwalten",
  },
};
