import type { pages as source } from "#app/_messages/en/pages.ts";
import type { Translation } from "#lib/core/translator.ts";

export const pages: Translation<typeof source> = {
  pricing: "Preise",
  signIn: "Anmelden",
  secondFactor: "Zwei-Faktor-Authentifizierung",
  signUp: "Konto erstellen",
  forgotPassword: "Passwort zurücksetzen",
  resetPassword: "Neues Passwort festlegen",
  magicLink: "Mit Link anmelden",
  verifyEmail: "E-Mail-Adresse bestätigen",
  devEmails: "E-Mails",
  chat: "Neuer Chat",
  usage: "Nutzung",
  billing: "Abrechnung",
  billingPlan: "Tarif wechseln",
  keys: "API-Schlüssel",
  settings: "Einstellungen",
  security: "Sicherheit",
  operator: "Übersicht · Betrieb",
  operatorCustomers: "Kunden · Betrieb",
  operatorCustomer: "Kunde · Betrieb",
  operatorInvoice: "Rechnung · Betrieb",
  operatorEvents: "Webhooks · Betrieb",
  operatorEvent: "Ereignis · Betrieb",
  operatorDrift: "Abweichungen · Betrieb",
};
