import type { billingForms as source } from "#app/_messages/en/billing-forms.ts";
import type { Translation } from "#lib/core/translator.ts";

export const billingForms: Translation<typeof source> = {
  cancel: {
    action: "Tarif kündigen",
    title: "{plan} kündigen?",
    keep: "{plan} behalten",
    submit: "{plan} kündigen",
    doneNow: "{plan} ist gekündigt.",
    done: "{plan} ist gekündigt und endet mit dem Abrechnungszeitraum.",
  },
  pay: {
    action: "Jetzt zahlen<hidden>: {about}</hidden>",
    confirm: "Zahlung bestätigen<hidden>: {about}</hidden>",
    title: "{amount} zahlen",
    noCard:
      "Es ist keine Karte hinterlegt. Fügen Sie unter „Zahlungsmethode“ eine hinzu und zahlen Sie dann hier.",
    charge: "{card} wird mit {amount} belastet ({about}).",
    addCard: "Karte hinzufügen",
    otherCard: "Andere Karte verwenden",
    submit: "{amount} zahlen",
    paid: "{amount} bezahlt. Vielen Dank.",
    notConfirmed:
      "Die Zahlung wurde nicht bestätigt, es wurde nichts berechnet. Sie können es erneut versuchen.",
    bankDeclined: "Ihre Bank hat die Zahlung nicht bestätigt. Es wurde nichts berechnet.",
    unreachable:
      "Stripe ist nicht erreichbar. Es wurde nichts berechnet. Versuchen Sie es gleich noch einmal.",
  },
  card: {
    ending: "{brand} mit der Endung {last4}",
    generic: "Karte",
    frame: "Neue Karte",
    keep: "Aktuelle Karte behalten",
    saved: "Karte gespeichert. Künftige Zahlungen laufen über sie.",
    unreachable: "Stripe ist nicht erreichbar. Versuchen Sie es gleich noch einmal.",
  },
  overage: {
    limit: "Monatliches Ausgabenlimit (USD)",
    save: "Limit speichern",
    enable: "Aktivieren",
  },
  address: {
    name: "Name oder Firma",
    line1: "Straße und Hausnummer",
    line2: "Adresszusatz (optional)",
    postalCode: "Postleitzahl",
    city: "Ort",
    state: "Bundesland oder Region (optional)",
    country: "Land",
    choose: "Land auswählen",
    save: "Speichern",
    saved: "Gespeichert.",
  },
  taxId: {
    type: "Art",
    choose: "Art auswählen",
    option: "{label} ({example})",
    value: "Steuernummer",
    add: "Hinzufügen",
    added: "Hinzugefügt.",
  },
};
