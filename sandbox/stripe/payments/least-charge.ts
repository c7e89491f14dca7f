import { moneyText } from "#sandbox/stripe/invoices/invoice-lines.ts";
import { StripeFailure } from "#sandbox/stripe/protocol/failure.ts";

/** The least that Stripe charges in a currency, in its smallest unit, as its table of minimum charge amounts says. */
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
 * The least that is charged in a currency, in its smallest unit. Of currencies that are not in the table Stripe asks for
 * what 50 US cents are worth that day; the sandbox knows no rates, and takes any amount.
 */
export function leastCharge(currency: string): number {
  return leastCharges[currency] ?? 1;
}

/** Whether an amount is something, and yet too little to be charged. */
export function isTooSmall(amount: number, currency: string): boolean {
  return amount > 0 && amount < leastCharge(currency);
}

/** What a call answers that would charge too little; `what` begins its sentence. */
export function tooSmall(what: string, currency: string, param?: string): StripeFailure {
  const least = `${moneyText(leastCharge(currency), currency)} ${currency}`;
  return new StripeFailure(400, "invalid_request_error", `${what} at least ${least}`, {
    code: "amount_too_small",
    ...(param ? { param } : {}),
  });
}
