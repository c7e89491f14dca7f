import { invalid, missing } from "#sandbox/stripe/protocol/failure.ts";
import type { Node } from "#sandbox/stripe/protocol/form.ts";
import { apiVersion } from "#sandbox/stripe/state/world.ts";

type Form = { [key: string]: Node };

/** Renamed parameters: path, old name and current name. */
const renamed: { path: RegExp; from: string; to: string }[] = [
  {
    path: /^\/v1\/(?:payment_intents|setup_intents|checkout\/sessions)(?:\/\w+)?$/,
    from: "payment_method_types",
    to: "allowed_payment_method_types",
  },
];

/** Parameters whose structure changed: path and conversion. */
const reshaped: { path: RegExp; reshape(form: Form): void }[] = [
  { path: /^\/v1\/promotion_codes$/, reshape: namePromotion },
  { path: /^\/v1\/subscriptions(?:\/\w+)?$/, reshape: modernizeSubscription },
  { path: /^\/v1\/checkout\/sessions$/, reshape: namePageOfCheckout },
  { path: /^\/v1\/invoiceitems(?:\/\w+)?$/, reshape: namePricing },
  { path: /^\/v1\/invoices\/upcoming$/, reshape: nestSubscriptionDetails },
  { path: /^\/v1\/payment_intents$/, reshape: renameBankTransfer },
  { path: /^\/v1\/customers$/, reshape: makeSourceTheDefaultCard },
  { path: /^\/v1\/subscription_schedules(?:\/\w+)?$/, reshape: countPhasesByDuration },
];

/** Parameters that the current version no longer accepts. */
const retired: { path: RegExp; names: string[] }[] = [
  { path: /^\/v1\/customers(?:\/\w+)?$/, names: ["coupon", "promotion_code"] },
];

/**
 * Converts parameters of older API versions to the current version. A call without a version uses the
 * account's older version, as the official CLI does. With the current version, an old name is
 * `parameter_unknown`.
 */
export function upgradeParams(form: Form, path: string, version: string | undefined): Form {
  if (version === apiVersion) {
    if (path === "/v1/invoices/upcoming") throw missing("invoice", "upcoming");
    rejectRetired(form, path);
    return form;
  }
  const modern: Form = Object.assign(Object.create(null), form);
  for (const { path: where, from, to } of renamed) {
    const value = modern[from];
    if (value === undefined || !where.test(path)) continue;
    delete modern[from];
    modern[to] = value;
  }
  for (const { path: where, reshape } of reshaped) if (where.test(path)) reshape(modern);
  return modern;
}

function rejectRetired(form: Form, path: string): void {
  const gone = retired.flatMap(({ path: where, names }) => (where.test(path) ? names : []));
  const sent = gone.find((name) => form[name] !== undefined);
  if (sent !== undefined) {
    throw invalid(`Received unknown parameter: ${sent}`, sent, "parameter_unknown");
  }
}

/** Promotion codes took `coupon`; the current version takes `promotion`, which contains the coupon. */
function namePromotion(form: Form): void {
  const { coupon } = form;
  if (coupon === undefined) return;
  delete form.coupon;
  form.promotion = { type: "coupon", coupon };
}

/**
 * Subscriptions took `plan` in items, one `coupon` or `promotion_code`, and a word as `billing_cycle_anchor`
 * in updates.
 */
function modernizeSubscription(form: Form): void {
  const { billing_cycle_anchor: anchor, coupon, items, promotion_code: code } = form;
  if (anchor === "now" || anchor === "unchanged") form.billing_cycle_anchor = { type: anchor };
  delete form.coupon;
  delete form.promotion_code;
  if (typeof coupon === "string") form.discounts = coupon === "" ? "" : { "0": { coupon } };
  if (typeof code === "string") form.discounts = { "0": { promotion_code: code } };
  if (items === undefined || typeof items === "string") return;
  for (const item of Object.values(items)) {
    if (typeof item === "string" || item.plan === undefined) continue;
    item.price = item.plan;
    delete item.plan;
  }
}

/** The former `hosted` and `embedded` are `hosted_page` and `embedded_page` now. */
function namePageOfCheckout(form: Form): void {
  if (form.ui_mode === "hosted" || form.ui_mode === "embedded") form.ui_mode = `${form.ui_mode}_page`;
}

/** Invoice items took `price`; the current version takes `pricing`, which contains the price. */
function namePricing(form: Form): void {
  const { price } = form;
  if (price === undefined) return;
  delete form.price;
  form.pricing = { price };
}

/** The upcoming invoice took `subscription_items` and the like; previews take `subscription_details`. */
function nestSubscriptionDetails(form: Form): void {
  const details: Form = {};
  for (const [name, value] of Object.entries(form)) {
    if (!/^subscription_(?!details$)/.test(name)) continue;
    details[name.slice("subscription_".length)] = value;
    delete form[name];
  }
  const given = typeof form.subscription_details === "object" ? form.subscription_details : {};
  const anchor = details.billing_cycle_anchor;
  if (anchor === "now" || anchor === "unchanged") details.billing_cycle_anchor = { type: anchor };
  if (Object.keys(details).length > 0) form.subscription_details = { ...given, ...details };
}

/** A customer's `source` token becomes an attached card and the default payment method. */
function makeSourceTheDefaultCard(form: Form): void {
  const { source } = form;
  if (typeof source !== "string") return;
  delete form.source;
  const card = source.replace(/^tok_/, "pm_card_");
  form.payment_method = card;
  form.invoice_settings = { default_payment_method: card };
}

/** Phases took `iterations` of their price's interval; the current version takes `duration`. */
function countPhasesByDuration(form: Form): void {
  if (form.phases === undefined || typeof form.phases === "string") return;
  for (const phase of Object.values(form.phases)) {
    if (typeof phase === "string" || phase.iterations === undefined) continue;
    // Without an interval, the phase's price determines it.
    phase.duration = { interval_count: phase.iterations };
    delete phase.iterations;
  }
}

/** The former `jp_bank_account` is `jp_bank_transfer` now. */
function renameBankTransfer(form: Form): void {
  const transfer = under(under(form.payment_method_options, "customer_balance"), "bank_transfer");
  if (transfer !== undefined && typeof transfer !== "string" && transfer.type === "jp_bank_account") {
    transfer.type = "jp_bank_transfer";
  }
}

function under(node: Node | undefined, name: string): Node | undefined {
  return node === undefined || typeof node === "string" ? undefined : node[name];
}
