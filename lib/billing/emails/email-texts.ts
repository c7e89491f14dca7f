import type { Offer } from "#lib/billing/catalog/plans.ts";
import { addsTax } from "#lib/billing/catalog/plus-tax.ts";
import { billingEmailMessages as german } from "#lib/billing/emails/messages/de.ts";
import { billingEmailMessages as english } from "#lib/billing/emails/messages/en.ts";
import { env } from "#lib/core/env.ts";
import { formatsFor } from "#lib/core/formats.ts";
import type { Locale } from "#lib/core/locale.ts";
import { createTranslators, type Translator } from "#lib/core/translator.ts";

const texts = createTranslators<typeof english>({ en: english, de: german });

/** Texts and formats of billing emails in the reader's language. */
export type EmailTexts = {
  t: Translator<typeof english>;
  app: string;
  /** Micro-USD. */
  money: (micros: number) => string;
  /** An amount in the smallest unit of a currency; by default US cents. */
  cents: (cents: number, currency?: string) => string;
  /** A day in UTC, like the invoices, because the reader's time zone is unknown. */
  date: (at: Date) => string;
  /** An amount that is charged, with the note that tax is added. */
  charge: (cents: number) => string;
  price: (offer: Offer) => string;
};

export function emailTexts(locale: Locale): EmailTexts {
  const t = texts[locale];
  const formats = formatsFor(locale);
  const cents = (amount: number, currency = "usd") => formats.currency(amount, currency);
  const charge = (amount: number) =>
    addsTax() ? t("price.plusTax", { amount: cents(amount) }) : cents(amount);
  return {
    t,
    app: env().APP_NAME,
    money: formats.money,
    cents,
    date: (at) => formats.date(at, { dateStyle: "long" }),
    charge,
    price: ({ price, interval }) =>
      t(interval === "month" ? "price.perMonth" : "price.perYear", { amount: charge(price.cents) }),
  };
}
