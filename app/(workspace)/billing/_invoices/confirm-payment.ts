import { allowsStripe, loadStripe } from "#app/(workspace)/billing/_shared/load-stripe.ts";
import type { Confirmation } from "#lib/billing/actions/pay-invoice.ts";

/**
 * Shows the bank's confirmation (3D Secure) for a payment. The server reads the result from Stripe; the
 * browser's result is not trusted.
 * @returns an error message or null; never resolves when it navigates to another page
 */
export async function confirmPayment(
  confirmation: Confirmation,
  invoiceId: string,
): Promise<{ problem: string | null }> {
  if (confirmation.kind === "hosted") return navigateTo(confirmation.url);
  if (!allowsStripe()) return navigateTo(`/billing?confirm=${invoiceId}`);
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

function navigateTo(url: string): Promise<never> {
  window.location.assign(url);
  return new Promise(() => {});
}
