import { expect, test } from "vitest";
import { decidePayment } from "#lib/billing/actions/decide-payment.ts";
import { declineReason } from "#lib/billing/actions/decline-reason.ts";
import { englishText } from "#lib/core/errors.ts";

const open = { status: "open", amountDueCents: 1_900, currency: "usd", needsAction: false, methodId: "pm_1" };
const card = { methodId: "pm_1", last4: "4242" };
const accepted = { invoiceId: "in_1", amountMicros: 19_000_000, cardLast4: "4242" };

test("B12: an amount in another currency is that currency's", () => {
  const yen = { ...open, currency: "jpy" };
  expect(decidePayment(yen, card, { ...accepted, amountMicros: 1_900_000_000 })).toMatchObject({
    kind: "charge",
  });
  expect(() => decidePayment(yen, card, accepted)).toThrow(/amount has changed/);
});

test("M20: the accepted card is charged the accepted amount", () => {
  expect(decidePayment(open, card, accepted)).toEqual({ kind: "charge", methodId: "pm_1" });
});

test.each([
  ["the amount", { ...open, amountDueCents: 1_901 }, card, /amount has changed/],
  ["the card", open, { methodId: "pm_2", last4: "4444" }, /card has changed/],
  ["the presence of a card", open, null, /no card on file/],
  ["the invoice's status", { ...open, status: "void" }, card, /no longer open/],
])("M20: nothing is charged if %s has changed", (_what, payment, onFile, message) => {
  expect(() => decidePayment(payment, onFile, accepted)).toThrow(message);
});

test("a paid invoice is not charged again, whatever has changed", () => {
  expect(decidePayment({ ...open, status: "paid", amountDueCents: 0 }, null, accepted)).toEqual({
    kind: "paid",
  });
});

test("a pending confirmation is continued for the same card; another card is charged", () => {
  const waiting = { ...open, needsAction: true };
  expect(decidePayment(waiting, card, accepted)).toEqual({ kind: "confirm" });
  expect(decidePayment({ ...waiting, methodId: "pm_old" }, card, accepted)).toEqual({
    kind: "charge",
    methodId: "pm_1",
  });
});

test("the decline message names the reason, except for lost and stolen cards", () => {
  expect(englishText(declineReason("insufficient_funds"))).toBe(
    "Your card has insufficient funds. You haven’t been charged. Try again or use another card.",
  );
  for (const code of ["lost_card", "stolen_card", "generic_decline", "constructor"])
    expect(englishText(declineReason(code))).toMatch(/^Your bank declined the card\./);
});
