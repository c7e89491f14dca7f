import { chargedCardOf } from "#lib/billing/charged-card.ts";
import type { CustomerState } from "#lib/billing/fetch-customer.ts";

/**
 * What becomes of the card that somebody has chosen: adopted as the one that is charged, or only noted because a later
 * choice stands. The note is kept with the customer at Stripe, so every copy of ours sees that it was done.
 */
export type CardDecision = { kind: "adopt" | "pass"; methodId: string; note: string; userId: string | null };

type Known = Pick<CustomerState, "details" | "subscriptions" | "sessions">;

/**
 * Decides about the newest card that was given in our page. Pure. Each choice is carried out once: what was chosen since,
 * here or at Stripe, is never overwritten by an older choice that is heard of late or again.
 * @returns null when there is nothing to do
 */
export function decideCard({ details, subscriptions, sessions }: Known): CardDecision | null {
  if (details === null) return null;
  const chosen = sessions
    .flatMap(({ id, chosenCard }) =>
      chosenCard === null ? [] : [{ ...chosenCard, note: noteOf(chosenCard.chosenAt, id) }],
    )
    .sort((a, b) => (a.note < b.note ? 1 : -1))[0];
  if (chosen === undefined || chosen.note <= (details.cardChoice ?? "")) return null;
  const { methodId, note, userId } = chosen;
  const charged = chargedCardOf({ details, subscriptions });
  const isOutdated =
    charged !== null &&
    charged.methodId !== methodId &&
    charged.addedAt.getTime() > chosen.chosenAt.getTime();
  return { kind: isOutdated ? "pass" : "adopt", methodId, note, userId };
}

/** Later choices come later in the alphabet; of two in one second, always the same one. */
function noteOf(chosenAt: Date, sessionId: string): string {
  return `${chosenAt.toISOString()} ${sessionId}`;
}
