import { allowsStripe, loadStripe } from "#app/(workspace)/billing/_shared/load-stripe.ts";
import type { Confirmation } from "#lib/billing/actions/pay-invoice.ts";

/**
 * Shows the bank's confirmation (3D Secure) for a payment. The server reads the result from Stripe; the
 * browser's result is not trusted.
 * @returns the message key of an error or null; never resolves when it navigates to another page
 */
export async function confirmPayment(
  confirmation: Confirmation,
  invoiceId: string,
): Promise<{ problem: "bankDeclined" | "unreachable" | null }> {
  if (confirmation.kind === "hosted") return navigateTo(confirmation.url);
  if (!allowsStripe()) return navigateTo(`/billing?confirm=${invoiceId}`);
  try {
    const stripe = await loadStripe(confirmation.stripeJs);
    const { error } = await stripe.handleNextAction({ clientSecret: confirmation.clientSecret });
    return { problem: error === undefined ? null : "bankDeclined" };
  } catch {
    return { problem: "unreachable" };
  }
}

function navigateTo(url: string): Promise<never> {
  window.location.assign(url);
  return new Promise(() => {});
}
