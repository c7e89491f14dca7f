import type Stripe from "stripe";
import { requiresAuthentication } from "#sandbox/stripe/payments/authentication.ts";
import { awaitTransfer } from "#sandbox/stripe/payments/await-transfer.ts";
import { disputeByCard } from "#sandbox/stripe/payments/open-dispute.ts";
import { askForAuthentication, failAuthentication, pay, refuse } from "#sandbox/stripe/payments/outcomes.ts";
import { startDebit } from "#sandbox/stripe/payments/start-debit.ts";
import { findTestCard, switchedDecline, unattended } from "#sandbox/stripe/payments/test-cards.ts";
import { warnByCard } from "#sandbox/stripe/radar/fraud-warnings.ts";
import { idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

export type Confirmation = {
  /** Whether the customer can authenticate: a first payment is on-session, a renewal is off-session. */
  onSession: boolean;
  /** The result of 3-D Secure, if there was one. */
  authentication?: "passed" | "failed";
  /** The return URL after 3-D Secure; without it, Stripe.js shows the bank in a frame. */
  returnUrl?: string;
  /** Declines a card that requires 3-D Secure, as `off_session` does. */
  refusesToAsk?: boolean;
};

/** Attempts a payment, which becomes paid, authorized, declined, processing or requires_action. */
export function confirmIntent(
  world: World,
  intentId: string,
  methodId: string,
  confirmation: Confirmation,
): Stripe.PaymentIntent {
  const intent = world.tables.paymentIntents.get(intentId);
  const method = world.tables.paymentMethods.get(methodId);
  if (!intent || !method) throw new Error(`cannot confirm ${intentId} with ${methodId}`);
  if (method.type === "sepa_debit") return startDebit(world, intent, method);
  if (method.type === "customer_balance") return awaitTransfer(world, intent, method);
  const card = world.tables.cards.get(methodId);
  const behaviour = card && findTestCard(card.number);
  if (confirmation.authentication === "failed") return failAuthentication(world, intent, method);
  if (
    requiresAuthentication(behaviour, card?.authenticated ?? false) &&
    confirmation.authentication !== "passed"
  ) {
    return confirmation.refusesToAsk
      ? refuse(world, intent, method, unattended)
      : askForAuthentication(world, intent, method, confirmation.returnUrl ?? null);
  }
  if (card && confirmation.authentication === "passed")
    world.tables.cards.put({ ...card, authenticated: true });
  if (world.chaos.failNextCharges > 0) {
    world.chaos.failNextCharges -= 1;
    return refuse(world, intent, method, switchedDecline);
  }
  if (behaviour?.chargeDecline) return refuse(world, intent, method, behaviour.chargeDecline);
  const paid = pay(world, intent, method);
  const charge = world.tables.charges.get(idOrNull(paid.latest_charge) ?? "");
  if (charge?.captured) {
    warnByCard(world, charge);
    disputeByCard(world, charge);
  }
  return paid;
}
