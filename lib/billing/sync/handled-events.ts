/**
 * What a Stripe event triggers. `sync` fetches the customer that the event names and writes its state;
 * `sync_by_charge` does the same for the customer of the charge that it names; `store` keeps the event for
 * the operator; `alert` tells the operator.
 */
export type EventEffect = "sync" | "sync_by_charge" | "store" | "alert";

/**
 * The Stripe events that billing handles, and what each one triggers. Other events are handled by what they
 * name: a customer or a charge triggers a sync, so a type that is missing here loses nothing.
 */
const handledEvents = {
  "checkout.session.completed": "sync",
  "checkout.session.async_payment_succeeded": "sync",
  "checkout.session.async_payment_failed": "sync",
  "checkout.session.expired": "sync",
  "customer.subscription.created": "sync",
  "customer.subscription.updated": "sync",
  "customer.subscription.deleted": "sync",
  "customer.subscription.paused": "sync",
  "customer.subscription.resumed": "sync",
  "customer.subscription.pending_update_applied": "sync",
  "customer.subscription.pending_update_expired": "sync",
  "customer.subscription.trial_will_end": "sync",
  "invoice.paid": "sync",
  "invoice.payment_failed": "sync",
  "invoice.payment_action_required": "sync",
  "invoice.finalization_failed": "sync",
  "invoice.upcoming": "sync",
  "invoice.created": "sync",
  "invoice.finalized": "sync",
  "invoice.updated": "sync",
  "invoice.voided": "sync",
  "invoice.marked_uncollectible": "sync",
  "invoice.overdue": "sync",
  "charge.refunded": "sync",
  "payment_method.attached": "sync",
  "payment_method.updated": "sync",
  "payment_method.automatically_updated": "sync",
  "customer.updated": "sync",
  "setup_intent.succeeded": "sync",
  "setup_intent.setup_failed": "sync",
  "setup_intent.created": "sync",
  "setup_intent.canceled": "sync",
  "setup_intent.requires_action": "sync",
  "subscription_schedule.created": "sync",
  "subscription_schedule.updated": "sync",
  "subscription_schedule.expiring": "sync",
  "subscription_schedule.aborted": "sync",
  "subscription_schedule.released": "sync",
  "subscription_schedule.canceled": "sync",
  "subscription_schedule.completed": "sync",
  "entitlements.active_entitlement_summary.updated": "sync",
  "customer.discount.created": "sync",
  "customer.discount.updated": "sync",
  "customer.discount.deleted": "sync",
  "credit_note.created": "sync",
  "credit_note.updated": "sync",
  "credit_note.voided": "sync",
  "customer.deleted": "sync",
  "payment_method.detached": "sync",
  "refund.created": "sync_by_charge",
  "refund.updated": "sync_by_charge",
  "refund.failed": "sync_by_charge",
  "charge.dispute.created": "sync_by_charge",
  "charge.dispute.updated": "sync_by_charge",
  "charge.dispute.closed": "sync_by_charge",
  "charge.dispute.funds_withdrawn": "sync_by_charge",
  "charge.dispute.funds_reinstated": "sync_by_charge",
  "radar.early_fraud_warning.created": "sync_by_charge",
  "product.created": "store",
  "product.updated": "store",
  "product.deleted": "store",
  "price.created": "store",
  "price.updated": "store",
  "price.deleted": "store",
  "coupon.created": "store",
  "coupon.updated": "store",
  "coupon.deleted": "store",
  "promotion_code.created": "store",
  "promotion_code.updated": "store",
  "v1.billing.meter.error_report_triggered": "alert",
  "v1.billing.meter.no_meter_found": "alert",
} as const satisfies Record<string, EventEffect>;

const effects = new Map<string, EventEffect>(Object.entries(handledEvents));

/** Lists the handled event types that trigger an effect. */
export function eventsThatTrigger(effect: EventEffect): string[] {
  return [...effects].filter(([, triggered]) => triggered === effect).map(([type]) => type);
}

/** Whether an event reports that Stripe could not count usage, so that the operator must look at it. */
export function isMeterError(type: string): boolean {
  return effects.get(type) === "alert";
}
