import type Stripe from "stripe";
import { expireSession } from "#sandbox/stripe/checkout/sessions.ts";
import { Heap } from "#sandbox/stripe/clocks/heap.ts";
import {
  codeExpiresAt,
  couponExpiresAt,
  deactivateCode,
  expireCoupon,
} from "#sandbox/stripe/discounts/count-redemption.ts";
import { discountEnd, removeDiscount } from "#sandbox/stripe/discounts/discount-terms.ts";
import { findInvoiceSubscription } from "#sandbox/stripe/invoices/invoice-object.ts";
import { expireHold, holdEnds } from "#sandbox/stripe/payments/capture.ts";
import { disputeDue, giveUpDispute } from "#sandbox/stripe/payments/disputes.ts";
import { debitDue, settleDebit } from "#sandbox/stripe/payments/settle-debit.ts";
import { refundDue, settleRefund } from "#sandbox/stripe/payments/slow-refunds.ts";
import { scheduleStart } from "#sandbox/stripe/schedules/run-schedule.ts";
import { clockOf } from "#sandbox/stripe/state/emit.ts";
import { idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { collectInvoice, finalizeAndCollect } from "#sandbox/stripe/subscriptions/collect.ts";
import { subscriptionDue } from "#sandbox/stripe/subscriptions/due.ts";
import { markOverdue, overdueAt } from "#sandbox/stripe/subscriptions/overdue.ts";

/** One change that time causes: when it is due, on which clock, and how to apply it. */
type DueTask = { at: number; clock: string | null; run: () => void };
type Entry = { at: number; table: string; id: string };

/**
 * Finds the changes that fall due. There are no timers: the due time of an object's next change is computed
 * from the object, so it survives restarts and cannot contradict the object. The heaps only index where to
 * look.
 */
export class DueWork {
  readonly #world: World;
  readonly #heaps = new Map<string | null, Heap<Entry>>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Returns the earliest work of a clock that is due by `until`, or null. */
  next(clock: string | null, until: number): DueTask | null {
    this.#indexTouched();
    const heap = this.#heaps.get(clock);
    for (;;) {
      const entry = heap?.peek();
      if (!entry || entry.at > until) return null;
      heap?.pop();
      const work = this.#workOf(entry.table, entry.id);
      // The object may have changed since it was indexed; a later entry then replaces this one.
      if (work && work.at === entry.at) return this.#withFollowUp(work, entry);
    }
  }

  /**
   * Some work does not change its object (it only emits an event), so the object's next work is indexed here.
   */
  #withFollowUp(work: DueTask, { table, id, at }: Entry): DueTask {
    const run = () => {
      work.run();
      const after = this.#workOf(table, id);
      if (after && after.at > at) this.#heapOf(after.clock).push({ at: after.at, table, id });
    };
    return { ...work, run };
  }

  #indexTouched(): void {
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

  #workOf(table: string, id: string): DueTask | null {
    const { tables } = this.#world;
    if (table === "subscriptions") {
      const subscription = tables.subscriptions.get(id);
      return subscription ? subscriptionDue(this.#world, subscription) : null;
    }
    if (table === "subscriptionSchedules") {
      const schedule = tables.subscriptionSchedules.get(id);
      return schedule ? scheduleStart(this.#world, schedule) : null;
    }
    if (table === "discounts" || table === "coupons" || table === "promotionCodes")
      return this.#discountWork(id);
    if (table === "invoices") return this.#invoiceWork(tables.invoices.get(id));
    if (table === "paymentIntents" || table === "debits")
      return this.#paymentWork(tables.paymentIntents.get(id));
    if (table === "refunds") return this.#refundWork(tables.refunds.get(id));
    if (table === "disputes") return this.#disputeWork(tables.disputes.get(id));
    if (table === "checkoutSessions") return this.#sessionWork(tables.checkoutSessions.get(id));
    return null;
  }

  #invoiceWork(invoice: Stripe.Invoice | undefined): DueTask | null {
    if (!invoice) return null;
    const world = this.#world;
    const clock = clockOf(world, idOrNull(invoice.customer));
    const { id } = invoice;
    if (invoice.status === "draft" && invoice.automatically_finalizes_at !== null) {
      const run = () => void finalizeAndCollect(world, id, { onSession: false });
      return { at: invoice.automatically_finalizes_at, clock, run };
    }
    const overdue = overdueAt(world, invoice);
    if (overdue) return { ...overdue, run: () => markOverdue(world, id) };
    if (
      invoice.status === "open" &&
      invoice.next_payment_attempt !== null &&
      (findInvoiceSubscription(world, invoice) || invoice.auto_advance)
    ) {
      const run = () => void collectInvoice(world, id, { onSession: false, isAutomatic: true });
      return { at: invoice.next_payment_attempt, clock, run };
    }
    return null;
  }

  #paymentWork(intent: Stripe.PaymentIntent | undefined): DueTask | null {
    if (!intent) return null;
    const world = this.#world;
    const debit = debitDue(world, intent.id);
    if (debit) return { ...debit, run: () => settleDebit(world, intent.id) };
    const hold = holdEnds(world, intent);
    return hold && { ...hold, run: () => expireHold(world, intent.id) };
  }

  #refundWork(refund: Stripe.Refund | undefined): DueTask | null {
    const due = refund && refundDue(this.#world, refund);
    return due ? { ...due, run: () => settleRefund(this.#world, refund.id) } : null;
  }

  #disputeWork(dispute: Stripe.Dispute | undefined): DueTask | null {
    const due = dispute && disputeDue(this.#world, dispute);
    return due ? { ...due, run: () => giveUpDispute(this.#world, dispute.id) } : null;
  }

  #discountWork(id: string): DueTask | null {
    const world = this.#world;
    const { coupons, promotionCodes } = world.tables;
    const discount = discountEnd(world, id);
    if (discount) return { ...discount, run: () => void removeDiscount(world, id) };
    const coupon = coupons.get(id);
    const couponAt = coupon ? couponExpiresAt(coupon) : null;
    if (couponAt !== null) return { at: couponAt, clock: null, run: () => expireCoupon(world, id) };
    const code = promotionCodes.get(id);
    const codeAt = code ? codeExpiresAt(code) : null;
    return codeAt === null ? null : { at: codeAt, clock: null, run: () => deactivateCode(world, id) };
  }

  #sessionWork(session: Stripe.Checkout.Session | undefined): DueTask | null {
    if (session?.status !== "open") return null;
    const clock = clockOf(this.#world, idOrNull(session.customer));
    return { at: session.expires_at, clock, run: () => void expireSession(this.#world, session.id) };
  }
}
