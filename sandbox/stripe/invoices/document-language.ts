import type Stripe from "stripe";
import { idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

const english = {
  tag: "en-US",
  invoice: "Invoice",
  creditNote: "Credit note",
  credit: "Credit",
  simulated: "Sandbox: payments are simulated",
  billedTo: "Billed to",
  issuedOn: "Date of issue",
  status: "Status",
  // The API may add statuses.
  statuses: {
    draft: "Draft",
    open: "Open",
    paid: "Paid",
    void: "Void",
    uncollectible: "Uncollectible",
    issued: "Issued",
  } as Record<string, string>,
  period: (from: string, to: string) => `${from} to ${to}`,
  taxId: "Tax ID",
  subtotal: "Subtotal",
  discount: "Discount",
  total: "Total",
  totalCredited: "Total credited",
  credited: "Credited",
  appliedBalance: "Applied balance",
  carriedOver: "Below the minimum charge, added to your next invoice",
  amountDue: "Amount due",
  amountPaid: "Amount paid",
  download: "Download PDF",
  paidOn: (day: string) => `Paid on ${day}`,
  paymentFailed: "Last payment failed",
  nextAttempt: (day: string) => `Next attempt on ${day}`,
  pay: "Pay this invoice",
  confirm: "Confirm with your bank",
  payWithCard: (last4: string) => `Pay with card ending in ${last4}`,
  payAmount: (amount: string) => `Pay ${amount}`,
};

type DocumentTexts = typeof english;

const german: DocumentTexts = {
  tag: "de-DE",
  invoice: "Rechnung",
  creditNote: "Gutschrift",
  credit: "Gutschrift",
  simulated: "Sandbox: Zahlungen sind simuliert",
  billedTo: "Rechnung an",
  issuedOn: "Rechnungsdatum",
  status: "Status",
  statuses: {
    draft: "Entwurf",
    open: "Offen",
    paid: "Bezahlt",
    void: "Storniert",
    uncollectible: "Uneinbringlich",
    issued: "Ausgestellt",
  },
  period: (from, to) => `${from} bis ${to}`,
  taxId: "Steuernummer",
  subtotal: "Zwischensumme",
  discount: "Rabatt",
  total: "Gesamt",
  totalCredited: "Gutschrift gesamt",
  credited: "Gutgeschrieben",
  appliedBalance: "Verrechnetes Guthaben",
  carriedOver: "Unter dem Mindestbetrag, kommt auf die nächste Rechnung",
  amountDue: "Fälliger Betrag",
  amountPaid: "Bezahlter Betrag",
  download: "PDF herunterladen",
  paidOn: (day) => `Bezahlt am ${day}`,
  paymentFailed: "Letzte Zahlung fehlgeschlagen",
  nextAttempt: (day) => `Nächster Versuch am ${day}`,
  pay: "Rechnung bezahlen",
  confirm: "Bei Ihrer Bank bestätigen",
  payWithCard: (last4) => `Mit der Karte mit der Endung ${last4} bezahlen`,
  payAmount: (amount) => `${amount} bezahlen`,
};

const texts: Record<string, DocumentTexts> = { en: english, de: german };

/** The language of a customer's invoices: its texts, and the formats of amounts and days. */
export type DocumentLanguage = {
  /** "en" or "de". */
  code: string;
  texts: DocumentTexts;
  /** An amount in the currency's minor unit: "$19.00", "19,00 $". */
  money(amount: number, currency: string): string;
  /** A UTC day from seconds since 1970: "Dec 28, 2026", "28.12.2026"; a dash for null. */
  day(at: number | null): string;
};

/**
 * Returns the first of the customer's preferred locales that this sandbox speaks, else English, as Stripe
 * does.
 */
export function documentLanguage(
  world: World,
  customer: Stripe.Invoice["customer"] | Stripe.CreditNote["customer"],
): DocumentLanguage {
  const preferred = world.tables.customers.get(idOrNull(customer) ?? "")?.preferred_locales ?? [];
  const codes = preferred.map((locale) => locale.slice(0, 2).toLowerCase());
  return languageOf(codes.find((code) => Object.hasOwn(texts, code)) ?? "en");
}

function languageOf(code: string): DocumentLanguage {
  const chosen = texts[code] ?? english;
  return {
    code,
    texts: chosen,
    money: (amount, currency) => {
      const format = new Intl.NumberFormat(chosen.tag, { style: "currency", currency });
      return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
    },
    day: (at) =>
      at === null
        ? "-"
        : new Intl.DateTimeFormat(chosen.tag, { dateStyle: "medium", timeZone: "UTC" }).format(at * 1000),
  };
}
