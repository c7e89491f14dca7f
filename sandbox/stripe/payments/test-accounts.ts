/** Stripe's test bank accounts respond to a debit immediately or after three minutes. */
type Answer = { pays: boolean; afterSeconds: number };
const soon = 1;
const later = 180;
const testAccounts: Record<string, Answer> = {
  AT611904300234573201: { pays: true, afterSeconds: soon },
  AT321904300235473204: { pays: true, afterSeconds: later },
  AT861904300235473202: { pays: false, afterSeconds: soon },
  AT051904300235473205: { pays: false, afterSeconds: later },
  // The account that the official CLI uses for a failing Checkout.
  IT60X0542811101000000123456: { pays: false, afterSeconds: soon },
};

/** The test accounts with their results, as the payment page lists them. */
export const testAccountList = Object.entries(testAccounts).map(([iban, { pays, afterSeconds }]) => ({
  iban,
  label: `${pays ? "Succeeds" : "Fails"} ${afterSeconds === soon ? "right away" : "after three minutes"}`,
}));

/** Whether an account number is a supported test account. */
export function isTestAccount(iban: string): boolean {
  return Object.hasOwn(testAccounts, iban);
}

/** The response to a debit of a test account. */
export function answerOfAccount(iban: string): Answer {
  return testAccounts[iban] ?? { pays: true, afterSeconds: soon };
}
