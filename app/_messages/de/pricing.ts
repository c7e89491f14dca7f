import type { pricing as source } from "#app/_messages/en/pricing.ts";
import type { Translation } from "#lib/core/translator.ts";

export const pricing: Translation<typeof source> = {
  title: "Einfache Tarife, transparente Kosten",
  lead: "Jeder Tarif enthält monatliches Guthaben, und bei jeder Antwort sehen Sie, was sie gekostet hat. Mehr zahlen Sie nur, wenn Sie aufladen oder ein Limit für Zusatznutzung festlegen.",
  description: "Tarife im Vergleich. Bei jeder Antwort sehen Sie, was sie gekostet hat.",
  interval: {
    legend: "Zahlungsweise",
    month: "Monatlich",
    year: "Jährlich",
    saving: "2 Monate gratis",
  },
  unavailable: {
    title: "Zahlungen sind gerade nicht möglich",
    body: "Es wurde nichts abgebucht. Versuchen Sie es in einigen Minuten noch einmal.",
  },
  trialUsed: "Ihre kostenlose Testphase wurde schon genutzt",
  payOnBilling: "Auf der Abrechnungsseite bezahlen",
  card: {
    yourPlan: "Ihr Tarif",
    free: "Dauerhaft kostenlos, ohne Kreditkarte.",
    monthly: "Monatliche Zahlung, jederzeit kündbar.",
    yearly: "{amount} pro Monat bei jährlicher Zahlung. Das Guthaben gibt es jeden Monat.",
    perMonth: "pro Monat",
    perYear: "pro Jahr",
    perMonthPlusTax: "zzgl. Steuern, pro Monat",
    perYearPlusTax: "zzgl. Steuern, pro Jahr",
    credit: "{amount} Guthaben pro Monat",
    answers: "Rund {answers} Antworten pro Monat",
    answersHint: "Geschätzt für {model} und Antworten von einer Seite.",
  },
  action: {
    start: "Kostenlos starten",
    openChat: "Chat öffnen",
    choose: "{plan} wählen",
    tryFree: "{plan} {days, plural, one {# Tag} other {# Tage}} kostenlos testen",
    withoutTrial: "Oder {plan} gleich abonnieren",
    manage: "Tarif verwalten",
    payInvoice: "Zuerst die offene Rechnung bezahlen",
    changeTo: "Zu {plan} wechseln",
    payMonthly: "Zu monatlicher Zahlung wechseln",
    payYearly: "Zu jährlicher Zahlung wechseln",
    ownerOnly: "Nur Inhaber und Admins Ihres Workspace können einen Tarif wählen.",
  },
  comparison: {
    title: "Tarife im Vergleich",
    feature: "Leistung",
    included: "Enthalten",
    notIncluded: "Nicht enthalten",
    price: "Preis pro Monat",
    yearlyPrice: "Preis pro Jahr",
    credit: "Guthaben pro Monat",
    answers: "Antworten pro Monat (geschätzt)",
    requests: "Anfragen pro Minute",
    api: "OpenAI-kompatible API mit eigenen Schlüsseln",
    receipts: "Kosten bei jeder Antwort",
    topUps: "Aufladungen, 12 Monate gültig",
    extraUsage: "Zusatznutzung bis zu Ihrem Limit",
    trial: "Kostenlose Testphase",
    trialDays: "{days, plural, one {# Tag} other {# Tage}}",
    invoices: "Rechnungen mit Ihrer Anschrift und Steuernummer",
  },
  questions: {
    title: "Fragen zum Guthaben",
    credit: {
      question: "Was ist Guthaben, und wie weit reicht es?",
      basics:
        "Guthaben ist vorausbezahlte Nutzung in US-Dollar. Jede Antwort kostet, was ihr Modell kostet: ein Preis für den gelesenen und einer für den geschriebenen Text.",
      example:
        "Mit {model} kostet eine Antwort von einer Seite in einem kurzen Chat etwa {cost}. Free reicht für rund {free} solcher Antworten im Monat, Pro für rund {pro}. Leistungsfähigere Modelle und lange Chats kosten mehr.",
    },
    usedUp: {
      question: "Was passiert, wenn mein Guthaben aufgebraucht ist?",
      answer:
        "Neue Antworten beginnen nicht, es wird also nichts berechnet, und wir sagen Ihnen, wann neues Guthaben kommt. Eine laufende Antwort endet an dieser Stelle, ihr Text bleibt erhalten. Sie können jederzeit aufladen oder in einem kostenpflichtigen Tarif Zusatznutzung mit einem Limit aktivieren. Sonst zahlen Sie nie mehr als Ihren Tarif.",
    },
    rollover: {
      question: "Wird nicht genutztes Guthaben übertragen?",
      answer:
        "Nein. Das Monatsguthaben verfällt am Ende des Monats, und der nächste Monat beginnt mit dem vollen Betrag. Aufgeladenes Guthaben ist zwölf Monate gültig.",
    },
    failed: {
      question: "Zahle ich für fehlgeschlagene Antworten?",
      answer:
        "Nein, wenn sie vor dem ersten Wort fehlschlagen. Wird eine Antwort später unterbrochen oder stoppen Sie sie, zahlen Sie für das Geschriebene. Die Kosten stehen unter jeder Antwort.",
    },
    yearly: {
      question: "Wann bekomme ich mein Guthaben bei jährlicher Zahlung?",
      answer: "Jeden Monat, an dem Tag, an dem Ihr Tarif begonnen hat.",
    },
    cancel: {
      question: "Kann ich jederzeit kündigen?",
      answer:
        "Ja, mit zwei Klicks. Sie behalten Ihren Tarif bis zum Ende des Abrechnungszeitraums und können es sich bis dahin anders überlegen. Ihre Chats bleiben erhalten.",
    },
    paymentFailed: {
      question: "Was ist, wenn eine Zahlung fehlschlägt?",
      answer:
        "Wir schreiben Ihnen eine E-Mail, und Sie behalten Ihren Tarif drei Tage lang, um das zu klären. Danach wechselt Ihr Workspace zu Free, bis die Zahlung eingegangen ist. Gelöscht wird nichts.",
    },
    change: {
      question: "Kann ich den Tarif wechseln?",
      answer:
        "Ja, auf der Abrechnungsseite. Dort sehen Sie vorher die genauen Kosten. Ein höherer Tarif gilt sofort, und Sie zahlen die Differenz. Ein niedrigerer gilt ab dem Ende des Abrechnungszeitraums.",
    },
  },
};
