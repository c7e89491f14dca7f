import { createHash } from "node:crypto";
import type Stripe from "stripe";
import { findCustomer } from "#sandbox/stripe/customers/find-customer.ts";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import type { MeterRecord } from "#sandbox/stripe/state/tables.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

const windowSeconds = { hour: 3600, day: 86_400 };

/** A customer's usage by a meter between two timestamps (seconds, end excluded). */
export function usageBetween(
  world: World,
  meter: Stripe.Billing.Meter,
  customer: string,
  start: number,
  end: number,
): number {
  return aggregate(meter, recordsBetween(world, meter, customer, start, end));
}

/** A customer's usage as event summaries: one for the whole range, or one per hour or day. */
export function summarize(
  world: World,
  meter: Stripe.Billing.Meter,
  wanted: {
    customer: string;
    start_time: number;
    end_time: number;
    value_grouping_window?: "day" | "hour" | undefined;
  },
): Stripe.Billing.MeterEventSummary[] {
  const customer = findCustomer(world, wanted.customer, "customer").id;
  const { start_time: start, end_time: end, value_grouping_window: grouping } = wanted;
  const unit = grouping === undefined ? 60 : windowSeconds[grouping];
  for (const [name, at] of Object.entries({ start_time: start, end_time: end })) {
    if (at % unit === 0) continue;
    throw invalid(`\`${name}\` must be aligned with ${grouping ?? "minute"} boundaries.`, name);
  }
  if (end <= start) throw invalid("`end_time` must be after `start_time`.", "end_time");
  const step = grouping === undefined ? end - start : unit;
  const rows: Stripe.Billing.MeterEventSummary[] = [];
  for (let from = start; from < end; from += step) {
    const records = recordsBetween(world, meter, customer, from, from + step);
    if (records.length > 0)
      rows.push(summaryOf(meter, customer, from, from + step, aggregate(meter, records)));
  }
  return rows;
}

function recordsBetween(
  world: World,
  meter: Stripe.Billing.Meter,
  customer: string,
  start: number,
  end: number,
): MeterRecord[] {
  return world.tables.meterRecords
    .under(`${meter.id}/${customer}`)
    .filter(({ isCanceled, event }) => !isCanceled && event.timestamp >= start && event.timestamp < end);
}

function aggregate(meter: Stripe.Billing.Meter, records: MeterRecord[]): number {
  const { formula } = meter.default_aggregation;
  if (formula === "count") return records.length;
  if (formula === "sum") return records.reduce((sum, record) => sum + record.value, 0);
  const last = records.toSorted((a, b) => a.event.timestamp - b.event.timestamp).at(-1);
  return last?.value ?? 0;
}

/** The id is derived from the range, so that pagination is stable. */
function summaryOf(
  meter: Stripe.Billing.Meter,
  customer: string,
  start: number,
  end: number,
  value: number,
): Stripe.Billing.MeterEventSummary {
  const digest = createHash("sha256").update(`${meter.id}/${customer}/${start}/${end}`).digest("hex");
  return {
    id: `mtrusg_test_${digest.slice(0, 24)}`,
    object: "billing.meter_event_summary",
    aggregated_value: value,
    end_time: end,
    livemode: false,
    meter: meter.id,
    start_time: start,
  };
}
