import type Stripe from "stripe";
import { expireSession } from "#sandbox/stripe/checkout/sessions.ts";
import { Heap } from "#sandbox/stripe/clocks/heap.ts";
import { subscriptionOf } from "#sandbox/stripe/invoices/invoice-object.ts";
import { clockOf } from "#sandbox/stripe/state/emit.ts";
import { idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { cancelNow } from "#sandbox/stripe/subscriptions/cancel.ts";
import { collectInvoice, finalizeAndCollect } from "#sandbox/stripe/subscriptions/collect.ts";
import { noticeTrialEnd, trialNoticeAt } from "#sandbox/stripe/subscriptions/create-subscription.ts";
import { expireIncomplete, incompleteSeconds, startNextPeriod } from "#sandbox/stripe/subscriptions/renew.ts";
import { periodOf } from "#sandbox/stripe/subscriptions/subscription-object.ts";

/** One thing that time brings about: when, on whose clock, and what. */
type Work = { at: number; clock: string | null; run: () => void };
type Entry = { at: number; table: string; id: string };

/**
 * What time brings about. Nothing is scheduled: the time of each object's next change is read off the object
 * itself, so it can neither be lost in a restart nor contradict the object. A heap only remembers where to look.
 */
export class DueWork {
  readonly #world: World;
  readonly #heaps = new Map<string | null, Heap<Entry>>();

  constructor(world: World) {
    this.#world = world;
  }

  /** The earliest due work of a clock up to a moment, or null. */
  next(clock: string | null, until: number): Work | null {
    this.#lookAtTouched();
    const heap = this.#heaps.get(clock);
    for (;;) {
      const entry = heap?.peek();
      if (!entry || entry.at > until) return null;
      heap?.pop();
      const work = this.#workOf(entry.table, entry.id);
      // The object may have changed since it was noted; then a later entry stands for it.
      if (work && work.at === entry.at) return this.#followedUp(work, entry);
    }
  }

  /** Work may leave its object as it was (a notice does); what comes after it on that object is noted all the same. */
  #followedUp(work: Work, { table, id, at }: Entry): Work {
    const run = () => {
      work.run();
      const after = this.#workOf(table, id);
      if (after && after.at > at) this.#heapOf(after.clock).push({ at: after.at, table, id });
    };
    return { ...work, run };
  }

  #lookAtTouched(): void {
    for (const [table, ids] of this.#world.touched) {
      for (const id of ids) {
        const work = this.#workOf(table, id);
        if (work) this.#heapOf(work.clock).push({ at: work.at, table, id });
      }
    }
    this.#world.touched.clear();
  }

  #heapOf(clock: string | null): Heap<Entry> {
    const heap = this.#heaps.get(clock) ?? new Heap<Entry>((a, b) => a.at - b.at);
    this.#heaps.set(clock, heap);
    return heap;
  }

  #workOf(table: string, id: string): Work | null {
    const { tables } = this.#world;
    if (table === "subscriptions") return this.#subscriptionWork(tables.subscriptions.get(id));
    if (table === "invoices") return this.#invoiceWork(tables.invoices.get(id));
    if (table === "checkoutSessions") return this.#sessionWork(tables.checkoutSessions.get(id));
    return null;
  }

  #subscriptionWork(subscription: Stripe.Subscription | undefined): Work | null {
    if (!subscription) return null;
    const world = this.#world;
    const { id, status } = subscription;
    const clock = idOrNull(subscription.test_clock);
    if (status === "incomplete") {
      return { at: subscription.created + incompleteSeconds, clock, run: () => expireIncomplete(world, id) };
    }
    if (status === "canceled" || status === "incomplete_expired") return null;
    const moments: Work[] = [];
    if (subscription.cancel_at !== null) {
      moments.push({
        at: subscription.cancel_at,
        clock,
        run: () => cancelNow(world, id, "cancellation_requested"),
      });
    }
    const notice = trialNoticeAt(world, subscription);
    if (notice !== null) moments.push({ at: notice, clock, run: () => noticeTrialEnd(world, id) });
    if (status !== "paused") {
      moments.push({ at: periodOf(subscription).end, clock, run: () => startNextPeriod(world, id) });
    }
    // Of two at the same moment the first counts: an ending comes before a renewal.
    return moments.reduce<Work | null>((first, work) => (first && first.at <= work.at ? first : work), null);
  }

  #invoiceWork(invoice: Stripe.Invoice | undefined): Work | null {
    if (!invoice) return null;
    const world = this.#world;
    const clock = clockOf(world, idOrNull(invoice.customer));
    const { id } = invoice;
    if (invoice.status === "draft" && invoice.automatically_finalizes_at !== null) {
      const run = () => void finalizeAndCollect(world, id, { onSession: false });
      return { at: invoice.automatically_finalizes_at, clock, run };
    }
    if (
      invoice.status === "open" &&
      invoice.next_payment_attempt !== null &&
      subscriptionOf(world, invoice)
    ) {
      const run = () => void collectInvoice(world, id, { onSession: false, isAutomatic: true });
      return { at: invoice.next_payment_attempt, clock, run };
    }
    return null;
  }

  #sessionWork(session: Stripe.Checkout.Session | undefined): Work | null {
    if (session?.status !== "open") return null;
    const clock = clockOf(this.#world, idOrNull(session.customer));
    return { at: session.expires_at, clock, run: () => void expireSession(this.#world, session.id) };
  }
}
