import { formatAmount } from "#sandbox/stripe/invoices/invoice-lines.ts";
import { StripeFailure } from "#sandbox/stripe/protocol/failure.ts";

/** Minimum charge amounts by currency in the smallest unit, from Stripe's table. */
const leastCharges: Record<string, number> = {
  aed: 200,
  aud: 50,
  bgn: 100,
  brl: 50,
  cad: 50,
  chf: 50,
  czk: 1500,
  dkk: 250,
  eur: 50,
  gbp: 30,
  hkd: 400,
  huf: 17_500,
  inr: 50,
  jpy: 50,
  mxn: 1000,
  myr: 200,
  nok: 300,
  nzd: 50,
  pln: 200,
  ron: 200,
  sek: 300,
  sgd: 50,
  thb: 1000,
  usd: 50,
};

/**
 * The minimum charge of a currency in its smallest unit. For currencies outside the table Stripe requires the
 * equivalent of 0.50 USD; the sandbox has no exchange rates and accepts any amount.
 */
export function minimumCharge(currency: string): number {
  return leastCharges[currency] ?? 1;
}

/** Whether an amount is positive but below the minimum charge. */
export function isTooSmall(amount: number, currency: string): boolean {
  return amount > 0 && amount < minimumCharge(currency);
}

/** The error for an amount below the minimum charge; the message starts with `what`. */
export function tooSmall(what: string, currency: string, param?: string): StripeFailure {
  const least = `${formatAmount(minimumCharge(currency), currency)} ${currency}`;
  return new StripeFailure(400, "invalid_request_error", `${what} at least ${least}`, {
    code: "amount_too_small",
    ...(param ? { param } : {}),
  });
}
