import { expect, test } from "vitest";
import { decidePayment } from "#lib/billing/decide-payment.ts";
import { declineInWords } from "#lib/billing/decline-in-words.ts";

const open = { status: "open", amountDueCents: 1_900, needsAction: false, methodId: "pm_1" };
const card = { methodId: "pm_1", last4: "4242" };
const agreed = { invoiceId: "in_1", amountMicros: 19_000_000, cardLast4: "4242" };

test("M20: the card that was shown is charged the amount that was shown", () => {
  expect(decidePayment(open, card, agreed)).toEqual({ kind: "charge", methodId: "pm_1" });
});

test.each([
  ["the amount", { ...open, amountDueCents: 1_901 }, card, /amount has changed/],
  ["the card", open, { methodId: "pm_2", last4: "4444" }, /card has changed/],
  ["that there is a card", open, null, /no card on file/],
  ["that it is open", { ...open, status: "void" }, card, /not open any more/],
])("M20: nothing is charged when %s is not as it was shown", (_what, payment, onFile, message) => {
  expect(() => decidePayment(payment, onFile, agreed)).toThrow(message);
});

test("what is paid already is not charged, whatever has changed since", () => {
  expect(decidePayment({ ...open, status: "paid", amountDueCents: 0 }, null, agreed)).toEqual({
    kind: "paid",
  });
});

test("a bank that waits for its answer is asked again rather than charged; about another card it is not", () => {
  const waiting = { ...open, needsAction: true };
  expect(decidePayment(waiting, card, agreed)).toEqual({ kind: "confirm" });
  expect(decidePayment({ ...waiting, methodId: "pm_old" }, card, agreed)).toEqual({
    kind: "charge",
    methodId: "pm_1",
  });
});

test("a declined card says why; a lost or stolen one does not", () => {
  expect(declineInWords("insufficient_funds")).toMatch(
    /^There is not enough money on the card\. Nothing was charged/,
  );
  for (const code of ["lost_card", "stolen_card", "generic_decline", "constructor"])
    expect(declineInWords(code)).toMatch(/^The bank declined the card\./);
});
