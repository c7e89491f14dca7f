import { cardChangePurpose } from "#lib/gateways/stripe-card.ts";
import { ask, isRefused, stripe } from "#lib/gateways/stripe-client.ts";
import { checkoutSessionOf, type StripeCheckoutSession } from "#lib/gateways/stripe-objects.ts";

type NewCardChange = { customerId: string; workspaceId: string; userId: string };

/**
 * Opens a Checkout inside our own page that takes a card for later payments. It never leads anywhere else: cards alone are
 * taken, and their bank is asked inside the frame. The same key gives the same session.
 */
export async function createCardChange(
  { customerId, workspaceId, userId }: NewCardChange,
  idempotencyKey: string,
): Promise<StripeCheckoutSession> {
  const session = await ask(() =>
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
  return checkoutSessionOf(session);
}

/** Opens Stripe's portal at the page where a card is changed, which then leads back. @returns its address */
export async function createCardPortal(customerId: string, returnUrl: string): Promise<string> {
  const session = await ask(() =>
    stripe().billingPortal.sessions.create({
      customer: customerId,
      return_url: returnUrl,
      flow_data: {
        type: "payment_method_update",
        after_completion: { type: "redirect", redirect: { return_url: returnUrl } },
      },
    }),
  );
  return session.url;
}

/**
 * Makes a card the one that is charged: of the subscriptions, then of the customer. The note that this choice was carried
 * out is written with the customer's card in one call, so that it can never stand there without it.
 * @returns false when the card cannot be used any more; then the note alone is written
 */
export async function adoptCard(
  customerId: string,
  subscriptionIds: string[],
  methodId: string,
  note: string,
): Promise<boolean> {
  // One that has ended in this moment is not charged again, so its refusal takes nothing away.
  for (const id of subscriptionIds)
    await isTaken(() => stripe().subscriptions.update(id, { default_payment_method: methodId }));
  const settings = { default_payment_method: methodId };
  const metadata = { card_choice: note };
  const isAdopted = await isTaken(() =>
    stripe().customers.update(customerId, { invoice_settings: settings, metadata }),
  );
  if (!isAdopted) await noteCardChoice(customerId, note);
  return isAdopted;
}

/** Whether Stripe took a change; false when it says that this cannot be. */
async function isTaken(change: () => Promise<unknown>): Promise<boolean> {
  try {
    await ask(change);
    return true;
  } catch (error) {
    if (isRefused(error)) return false;
    throw error;
  }
}

/** Notes that a choice of a card needs nothing more. */
export async function noteCardChoice(customerId: string, note: string): Promise<void> {
  await ask(() => stripe().customers.update(customerId, { metadata: { card_choice: note } }));
}
