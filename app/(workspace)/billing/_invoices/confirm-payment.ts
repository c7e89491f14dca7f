import { allowsStripe, loadStripe } from "#app/(workspace)/billing/_invoices/load-stripe.ts";
import type { Confirmation } from "#lib/billing/actions/pay-invoice.ts";

/**
 * Asks somebody's bank about a payment, over the page they are on. What came of it is not told by the browser: the server
 * learns it from Stripe.
 * @returns what went wrong on the way, in words; it never returns when it leads to another page
 */
export async function askBank(
  confirmation: Confirmation,
  invoiceId: string,
): Promise<{ problem: string | null }> {
  if (confirmation.kind === "hosted") return leadTo(confirmation.url);
  if (!allowsStripe()) return leadTo(`/billing?confirm=${invoiceId}`);
  try {
    const stripe = await loadStripe(confirmation.stripeJs);
    const { error } = await stripe.handleNextAction({ clientSecret: confirmation.clientSecret });
    return {
      problem: error === undefined ? null : "Your bank did not confirm the payment. Nothing was charged.",
    };
  } catch {
    return { problem: "Stripe could not be reached. Nothing was charged; please try again in a moment." };
  }
}

function leadTo(address: string): Promise<never> {
  window.location.assign(address);
  return new Promise(() => {});
}
