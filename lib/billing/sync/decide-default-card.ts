import type { CustomerState } from "#lib/billing/customer/customer-state.ts";
import { findDefaultCard } from "#lib/billing/customer/default-card.ts";

/**
 * What to do with the card that a user chose: make it the default, or skip it because a newer card was set.
 * `choice` is stored in the customer's metadata at Stripe, so that every process sees that it was applied.
 */
export type DefaultCardDecision = {
  kind: "apply" | "skip";
  methodId: string;
  choice: string;
  userId: string | null;
};

type CardState = Pick<CustomerState, "details" | "subscriptions" | "sessions">;

/**
 * Decides about the newest card that was chosen on our page. Pure. Each choice is applied once, and an older
 * choice never replaces a card that was set later, here or at Stripe.
 * @returns null when there is no new choice
 */
export function decideDefaultCard({
  details,
  subscriptions,
  sessions,
}: CardState): DefaultCardDecision | null {
  if (details === null) return null;
  const newest = sessions
    .flatMap(({ id, chosenCard }) =>
      chosenCard === null ? [] : [{ ...chosenCard, choice: toChoice(chosenCard.chosenAt, id) }],
    )
    .sort((a, b) => (a.choice < b.choice ? 1 : -1))[0];
  if (newest === undefined || newest.choice <= (details.cardChoice ?? "")) return null;
  const { methodId, choice, userId } = newest;
  const current = findDefaultCard({ details, subscriptions });
  const isOutdated =
    current !== null &&
    current.methodId !== methodId &&
    current.addedAt.getTime() > newest.chosenAt.getTime();
  return { kind: isOutdated ? "skip" : "apply", methodId, choice, userId };
}

/** Formats a choice so that later choices sort last; two within one second have a fixed order. */
function toChoice(chosenAt: Date, sessionId: string): string {
  return `${chosenAt.toISOString()} ${sessionId}`;
}
