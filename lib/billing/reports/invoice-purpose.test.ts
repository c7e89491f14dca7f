import { expect, test } from "vitest";
import { offerName } from "#lib/billing/catalog/plans.ts";
import { invoicePurpose, type PurposeLine } from "#lib/billing/reports/invoice-purpose.ts";

const line = (lookupKey: string | null, rest: Partial<PurposeLine> = {}): PurposeLine => ({
  ...{ lookupKey, description: null, isProration: false, amountCents: 1_900 },
  ...rest,
});

/** The parts as text: the kind and what it names. */
function describeInvoice(billingReason: string | null, lines: PurposeLine[]): string {
  const parts = invoicePurpose(billingReason, lines).map((part) => {
    if (part.kind === "other") return `other ${part.description}`;
    return "offer" in part ? `${part.kind} ${offerName(part.offer)}` : part.kind;
  });
  return parts.join(", ");
}

test("an invoice is described by what it bills", () => {
  expect(describeInvoice("subscription_create", [line("pro_month")])).toBe("plan Pro monthly");
  expect(describeInvoice("subscription_cycle", [line("enterprise_year")])).toBe("plan Enterprise yearly");
  expect(describeInvoice("manual", [line("top_up_20")])).toBe("topUp");
});

test("a trial's invoice without a charge is described as the trial", () => {
  expect(describeInvoice("subscription_create", [line("pro_month", { amountCents: 0 })])).toBe(
    "trial Pro monthly",
  );
});

test("a plan change is described as such, within an interval or to another one", () => {
  const back = line("pro_month", { isProration: true, amountCents: -1_900 });
  const up = line("enterprise_month", { isProration: true });
  expect(describeInvoice("subscription_update", [back, up])).toBe("planChange");
  expect(describeInvoice("subscription_update", [back, line("pro_year")])).toBe("planChange");
  expect(describeInvoice("manual", [back, up])).toBe("planChange");
});

test("overage is mentioned if some was billed, with a plan or alone", () => {
  const used = line("overage_month", { amountCents: 500 });
  expect(describeInvoice("subscription_cycle", [line("pro_month"), used])).toBe("plan Pro monthly, overage");
  expect(describeInvoice("subscription_cycle", [used])).toBe("overage");
  expect(describeInvoice("subscription_cycle", [line("pro_month"), { ...used, amountCents: 0 }])).toBe(
    "plan Pro monthly",
  );
});

test("a line that is not in our catalog is described by Stripe's text", () => {
  expect(describeInvoice("manual", [line(null, { description: "Training, one day" })])).toBe(
    "other Training, one day",
  );
  expect(describeInvoice("manual", [])).toBe("other null");
});
