import { fromCents } from "#lib/ground/money.ts";

type Books = { paidCents: number; returnedCents: number; costMicros: number };

/** What is left of what was paid, once what went back and what the models cost is off it (M8). In micro-USD, may be negative. */
export function marginOf({ paidCents, returnedCents, costMicros }: Books): number {
  return fromCents(paidCents - returnedCents) - costMicros;
}
