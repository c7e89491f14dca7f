import fc from "fast-check";
import { expect, test } from "vitest";
import { decideCard } from "#lib/billing/decide-card.ts";
import type { StripeCard } from "#lib/gateways/stripe-card.ts";
import type { StripeCheckoutSession } from "#lib/gateways/stripe-objects.ts";

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
  chosenCard: { methodId, chosenAt: new Date(chosenAtS * 1_000), userId: null },
  createdAt: new Date(0),
  expiresAt: new Date(0),
});

type World = { charged: StripeCard | null; note: string | null; sessions: StripeCheckoutSession[] };

const decide = ({ charged, note, sessions }: World) =>
  decideCard({
    details: { card: charged, name: null, address: null, taxIds: [], cardChoice: note },
    subscriptions: [],
    sessions,
  });

/** What a sync does with the decision. */
function settle(world: World): World {
  const decision = decide(world);
  if (decision === null) return world;
  const chosen = world.sessions.find(({ chosenCard }) => chosenCard?.methodId === decision.methodId);
  const adopted = card(decision.methodId, (chosen?.chosenCard?.chosenAt.getTime() ?? 0) / 1_000);
  return { ...world, note: decision.note, charged: decision.kind === "adopt" ? adopted : world.charged };
}

test("a card that was given in our page becomes the one that is charged, once", () => {
  const first = settle({ charged: card("pm_old", 1), note: null, sessions: [session("cs_1", "pm_new", 2)] });
  expect(first.charged?.methodId).toBe("pm_new");
  expect(decide(first)).toBeNull();
});

test("a card chosen at Stripe since then is not overwritten by the older choice, heard of late or again", () => {
  const sessions = [session("cs_1", "pm_new", 2)];
  const late = settle({ charged: card("pm_portal", 3), note: null, sessions });
  expect(late.charged?.methodId).toBe("pm_portal");
  const again = settle({ ...settle({ charged: null, note: null, sessions }), charged: card("pm_older", 1) });
  expect(again.charged?.methodId).toBe("pm_older");
});

test("whenever syncs come in between, and in whatever order sessions are listed, the last card chosen is charged", () => {
  const moment = fc.record({ kind: fc.constantFrom("here", "portal", "sync"), list: fc.nat(5) });
  fc.assert(
    fc.property(fc.array(moment, { maxLength: 12 }), (moments) => {
      let world: World = { charged: null, note: null, sessions: [] };
      let last: string | null = null;
      for (const [at, { kind, list }] of moments.entries()) {
        if (kind === "sync") world = settle(world);
        else last = `pm_${at}`;
        if (kind === "portal") world = { ...world, charged: card(`pm_${at}`, at) };
        if (kind === "here")
          world = {
            ...world,
            sessions: world.sessions.toSpliced(list, 0, session(`cs_${99 - at}`, `pm_${at}`, at)),
          };
      }
      world = settle(world);
      expect(world.charged?.methodId ?? null).toBe(last);
      expect(settle(world)).toEqual(world);
    }),
  );
});
