import type Stripe from "stripe";
import { findTestCard, type TestCard } from "#sandbox/stripe/payments/test-cards.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** The refund behavior of a charge's test card. */
export function refundOf(world: World, charge: Stripe.Charge): TestCard["refund"] {
  const number = world.tables.cards.get(charge.payment_method ?? "")?.number ?? "";
  return findTestCard(number)?.refund ?? "succeeds";
}
