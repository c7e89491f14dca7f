import { callStripe, stripe } from "#lib/gateways/stripe/client.ts";

/** Creates a session of Stripe's customer portal. @returns its URL, which is valid for a few minutes */
export async function createPortalSession(customerId: string, returnUrl: string): Promise<string> {
  const session = await callStripe(() =>
    stripe().billingPortal.sessions.create({ customer: customerId, return_url: returnUrl }),
  );
  return session.url;
}

/** Creates a portal session that only changes the card and then returns to `returnUrl`. @returns its URL */
export async function createCardPortal(customerId: string, returnUrl: string): Promise<string> {
  const session = await callStripe(() =>
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
