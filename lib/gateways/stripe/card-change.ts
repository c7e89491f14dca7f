import { cardChangePurpose } from "#lib/gateways/stripe/card.ts";
import { callStripe, isRefused, stripe } from "#lib/gateways/stripe/client.ts";
import { type StripeCheckoutSession, toCheckoutSession } from "#lib/gateways/stripe/objects.ts";

type NewCardChange = { customerId: string; workspaceId: string; userId: string };

/**
 * Creates an embedded Checkout session that saves a card for later payments. It accepts only cards and never
 * redirects; the bank confirms inside the frame. The same idempotency key returns the same session.
 */
export async function createCardChange(
  { customerId, workspaceId, userId }: NewCardChange,
  idempotencyKey: string,
): Promise<StripeCheckoutSession> {
  const session = await callStripe(() =>
    stripe().checkout.sessions.create(
      {
        mode: "setup",
        ui_mode: "embedded_page",
        customer: customerId,
        allowed_payment_method_types: ["card"],
        redirect_on_completion: "never",
        metadata: { purpose: cardChangePurpose, workspace_id: workspaceId, user_id: userId },
      },
      { idempotencyKey },
    ),
  );
  return toCheckoutSession(session);
}

/**
 * Makes a card the default of the subscriptions and then of the customer. The marker of the applied choice is
 * written in the same call as the customer's card, so that neither exists without the other.
 * @returns false when the card is no longer usable; then only the marker is written
 */
export async function setDefaultCard(
  customerId: string,
  subscriptionIds: string[],
  methodId: string,
  choice: string,
): Promise<boolean> {
  // A subscription that has just ended is not charged again, so Stripe's refusal does not matter.
  for (const id of subscriptionIds)
    await isAccepted(() => stripe().subscriptions.update(id, { default_payment_method: methodId }));
  const settings = { default_payment_method: methodId };
  const metadata = { card_choice: choice };
  const isDefault = await isAccepted(() =>
    stripe().customers.update(customerId, { invoice_settings: settings, metadata }),
  );
  if (!isDefault) await recordCardChoice(customerId, choice);
  return isDefault;
}

/** Runs a change and returns whether Stripe accepted it; false when Stripe rejects it as invalid. */
async function isAccepted(change: () => Promise<unknown>): Promise<boolean> {
  try {
    await callStripe(change);
    return true;
  } catch (error) {
    if (isRefused(error)) return false;
    throw error;
  }
}

/** Marks a card choice as applied in the customer's metadata. */
export async function recordCardChoice(customerId: string, choice: string): Promise<void> {
  await callStripe(() => stripe().customers.update(customerId, { metadata: { card_choice: choice } }));
}
