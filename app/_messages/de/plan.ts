import type { plan as source } from "#app/_messages/en/plan.ts";
import type { Translation } from "#lib/core/translator.ts";

export const plan: Translation<typeof source> = {
  title: "Tarif wechseln",
  lead: "Ein höherer Tarif gilt sofort, ein niedrigerer ab dem Ende des Abrechnungszeitraums.",
  chooseTitle: "Tarif wählen",
  chooseLead: "Jederzeit änder- und kündbar.",
  perMonth: "{amount} pro Monat",
  continue: "Weiter zur Zahlung",
  withoutTrial: "Ohne Testphase sofort zahlen",
  plans: "Tarife",
  current: "Aktueller Tarif",
  next: "Gilt als Nächstes",
  rejected: "Der Tarif lässt sich gerade nicht wechseln",
  keepPlan: "{plan} behalten",
  back: "Zurück zur Abrechnung",
  keepTitle: "{offer} behalten",
  changeTitle: "Von {from} zu {to}",
  dueNow: "Jetzt fällig",
  takesEffect: "Gilt ab",
  immediately: "Sofort",
  nextPayment: "Nächste Zahlung",
  nextPaymentOn: "<amount></amount> am <date></date>",
  keepText: "Der geplante Wechsel entfällt. Es wird nichts berechnet.",
  trialEnds:
    "Ihre Testphase endet heute und {plan} beginnt. Das volle Monatsguthaben wird gutgeschrieben, sobald die Zahlung eingegangen ist.",
  trialContinues:
    "Ihre Testphase läuft weiter. Vor ihrem Ende wird nichts berechnet, und bis dahin können Sie kündigen.",
  periodEnd:
    "Bis dahin behalten Sie {plan} und können es sich anders überlegen. Nichts Bezahltes geht verloren.",
  sameInterval:
    "Das ist der Preisunterschied für den Rest des Abrechnungszeitraums. Das zusätzliche Guthaben wird gutgeschrieben, sobald die Zahlung eingegangen ist.",
  otherInterval:
    "Heute beginnt Ihr jährlicher Abrechnungszeitraum. Der nicht genutzte Teil des laufenden Monats wird abgezogen.",
  changeTo: "Zu {offer} wechseln",
  payAndChange: "{amount} zahlen und wechseln",
};
