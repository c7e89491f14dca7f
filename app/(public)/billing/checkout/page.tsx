import { redirect } from "next/navigation";
import { requireUser } from "#app/_http/session/session.ts";
import { startCheckout } from "#lib/billing/actions/checkout.ts";
import { now } from "#lib/core/clock.ts";
import { AppError } from "#lib/core/errors.ts";
import { log } from "#lib/core/log.ts";

type Props = { searchParams: Promise<{ plan?: string | string[] }> };

/**
 * Redirects to Stripe Checkout for a plan that was chosen before signing up. Opening the page does not buy
 * anything.
 */
export default async function CheckoutPage({ searchParams }: Props) {
  const { plan } = await searchParams;
  const lookupKey = typeof plan === "string" ? plan.slice(0, 100) : "";
  const identity = await requireUser(`/billing/checkout?plan=${encodeURIComponent(lookupKey)}`);
  redirect(await startOrExplain(identity, lookupKey));
}

/** The URL of Checkout, or of the page that explains why there is none. */
async function startOrExplain(
  identity: Parameters<typeof startCheckout>[0],
  lookupKey: string,
): Promise<string> {
  try {
    return (await startCheckout(identity, lookupKey, now())).url;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    log[error.level]({ err: error }, "Checkout could not be started");
    if (error.code === "trial_used") return "/pricing?notice=trial-used";
    return error.code === "conflict" ? "/billing?notice=running" : "/pricing?notice=unavailable";
  }
}
