import { redirect } from "next/navigation";
import { requireUser } from "#app/_http/session.ts";
import { finishCheckout } from "#lib/billing/checkout.ts";
import { AppError } from "#lib/core/errors.ts";
import { log } from "#lib/core/log.ts";

type Props = { searchParams: Promise<{ session_id?: string | string[] }> };

/** Where Stripe's page leads back to. It shows nothing itself: what was bought is fetched, then /billing tells it. */
export default async function CheckoutSuccessPage({ searchParams }: Props) {
  const { session_id: given } = await searchParams;
  const sessionId = typeof given === "string" ? given.slice(0, 255) : "";
  const identity = await requireUser(`/billing/success?session_id=${encodeURIComponent(sessionId)}`);
  redirect(`/billing?notice=${await outcomeOf(identity.workspaceId, sessionId)}`);
}

async function outcomeOf(workspaceId: string, sessionId: string): Promise<string> {
  try {
    const { status, mode, trial } = await finishCheckout(workspaceId, sessionId);
    if (status !== "complete") return "unfinished";
    // A trial that was refused is told of by the billing page itself.
    if (trial !== undefined) return trial === "begun" ? "trial" : "refused";
    return mode === "payment" ? "credit" : "welcome";
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    log[error.level]({ err: error }, "A return from Checkout could not be finished at once");
    return error.code === "not_found" ? "unknown" : "pending";
  }
}
