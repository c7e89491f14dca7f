import type Stripe from "stripe";
import { findOrder } from "#sandbox/stripe/checkout/find-session.ts";
import { nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOrNull, newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

const daySeconds = 86_400;

/**
 * Opens a copy of an expired session for a buyer who follows its recovery link; null when the link is not
 * valid (https://docs.stripe.com/payments/checkout/abandoned-carts).
 */
export function recoverSession(world: World, expiredId: string): Stripe.Checkout.Session | null {
  const expired = world.tables.checkoutSessions.get(expiredId);
  const recovery = expired?.after_expiration?.recovery;
  if (expired?.status !== "expired" || !recovery?.url) return null;
  const at = nowFor(world, idOrNull(expired.customer));
  if (recovery.expires_at !== null && recovery.expires_at <= at) return null;
  const id = newStripeId("cs_test", 58);
  world.tables.checkoutOrders.put({ ...findOrder(world, expiredId), id, paymentIntent: null, waiting: null });
  return world.tables.checkoutSessions.put({
    ...expired,
    id,
    after_expiration: null,
    allow_promotion_codes: expired.allow_promotion_codes || recovery.allow_promotion_codes,
    created: at,
    expires_at: at + daySeconds,
    recovered_from: expiredId,
    status: "open",
    url: `${world.baseUrl}/c/pay/${id}`,
  });
}
