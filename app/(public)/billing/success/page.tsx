import { redirect } from "next/navigation";
import { requireUser } from "#app/_http/session/session.ts";
import { finishCheckout } from "#lib/billing/actions/checkout.ts";
import { AppError } from "#lib/core/errors.ts";
import { log } from "#lib/core/log.ts";

type Props = { searchParams: Promise<{ session_id?: string | string[] }> };

/** The success URL of Checkout: syncs the session from Stripe, then redirects to /billing with a notice. */
export default async function CheckoutSuccessPage({ searchParams }: Props) {
  const { session_id: param } = await searchParams;
  const sessionId = typeof param === "string" ? param.slice(0, 255) : "";
  const identity = await requireUser(`/billing/success?session_id=${encodeURIComponent(sessionId)}`);
  redirect(`/billing?notice=${await syncCheckout(identity.workspaceId, sessionId)}`);
}

/** Returns the notice to show on the billing page. */
async function syncCheckout(workspaceId: string, sessionId: string): Promise<string> {
  try {
    const { status, mode, paymentStatus, trial } = await finishCheckout(workspaceId, sessionId);
    if (status !== "complete") return "unfinished";
    // The billing page itself shows why a trial was refused.
    if (trial !== undefined) return trial === "begun" ? "trial" : "refused";
    // Bank debits succeed or fail days after the Checkout (M15).
    if (paymentStatus === "unpaid") return "processing";
    return mode === "payment" ? "credit" : "welcome";
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    log[error.level]({ err: error }, "A completed Checkout could not be synced");
    return error.code === "not_found" ? "unknown" : "pending";
  }
}
