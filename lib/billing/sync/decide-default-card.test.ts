import fc from "fast-check";
import { expect, test } from "vitest";
import { decideDefaultCard } from "#lib/billing/sync/decide-default-card.ts";
import type { StripeCard } from "#lib/gateways/stripe/card.ts";
import type { StripeCheckoutSession } from "#lib/gateways/stripe/objects.ts";

const card = (methodId: string, addedAtS: number): StripeCard => ({
  methodId,
  brand: "visa",
  last4: "4242",
  expMonth: 12,
  expYear: 2034,
  fingerprint: null,
  addedAt: new Date(addedAtS * 1_000),
});

const session = (id: string, methodId: string, chosenAtS: number): StripeCheckoutSession => ({
  id,
  customerId: "cus_1",
  mode: "setup",
  status: "complete",
  paymentStatus: "no_payment_required",
  subscriptionId: null,
  paymentIntentId: null,
  lookupKey: null,
  url: null,
  clientSecret: null,
  isCardChange: true,
  delayedPaymentFailed: false,
  chosenCard: { methodId, chosenAt: new Date(chosenAtS * 1_000), userId: null },
  createdAt: new Date(0),
  expiresAt: new Date(0),
});

type StripeState = {
  defaultCard: StripeCard | null;
  choice: string | null;
  sessions: StripeCheckoutSession[];
};

const decide = ({ defaultCard, choice, sessions }: StripeState) =>
  decideDefaultCard({
    details: {
      card: defaultCard,
      name: null,
      address: null,
      taxIds: [],
      currency: null,
      cardChoice: choice,
      preferredLocales: [],
    },
    subscriptions: [],
    sessions,
  });

/** Applies the decision as a sync does. */
function sync(state: StripeState): StripeState {
  const decision = decide(state);
  if (decision === null) return state;
  const chosen = state.sessions.find(({ chosenCard }) => chosenCard?.methodId === decision.methodId);
  const applied = card(decision.methodId, (chosen?.chosenCard?.chosenAt.getTime() ?? 0) / 1_000);
  return {
    ...state,
    choice: decision.choice,
    defaultCard: decision.kind === "apply" ? applied : state.defaultCard,
  };
}

test("a card chosen on our page becomes the default card once", () => {
  const first = sync({
    defaultCard: card("pm_old", 1),
    choice: null,
    sessions: [session("cs_1", "pm_new", 2)],
  });
  expect(first.defaultCard?.methodId).toBe("pm_new");
  expect(decide(first)).toBeNull();
});

test("an older choice does not replace a card set at Stripe later, even if it is synced late or again", () => {
  const sessions = [session("cs_1", "pm_new", 2)];
  const late = sync({ defaultCard: card("pm_portal", 3), choice: null, sessions });
  expect(late.defaultCard?.methodId).toBe("pm_portal");
  const again = sync({
    ...sync({ defaultCard: null, choice: null, sessions }),
    defaultCard: card("pm_older", 1),
  });
  expect(again.defaultCard?.methodId).toBe("pm_older");
});

test("the last chosen card is the default, regardless of syncs in between and the order of sessions", () => {
  const step = fc.record({ kind: fc.constantFrom("page", "portal", "sync"), position: fc.nat(5) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      let state: StripeState = { defaultCard: null, choice: null, sessions: [] };
      let last: string | null = null;
      for (const [at, { kind, position }] of steps.entries()) {
        if (kind === "sync") state = sync(state);
        else last = `pm_${at}`;
        if (kind === "portal") state = { ...state, defaultCard: card(`pm_${at}`, at) };
        if (kind === "page")
          state = {
            ...state,
            sessions: state.sessions.toSpliced(position, 0, session(`cs_${99 - at}`, `pm_${at}`, at)),
          };
      }
      state = sync(state);
      expect(state.defaultCard?.methodId ?? null).toBe(last);
      expect(sync(state)).toEqual(state);
    }),
  );
});
