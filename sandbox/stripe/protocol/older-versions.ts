import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import type { Node } from "#sandbox/stripe/protocol/form.ts";
import { apiVersion } from "#sandbox/stripe/state/world.ts";

type Form = { [key: string]: Node };

/** Parameters that have another name in the version of the API that the SDK pins: where, then and now. */
const renamed: { path: RegExp; from: string; to: string }[] = [
  {
    path: /^\/v1\/(?:payment_intents|setup_intents|checkout\/sessions)(?:\/\w+)?$/,
    from: "payment_method_types",
    to: "allowed_payment_method_types",
  },
];

/** Parameters that are said in another way today: where, and how. */
const reshaped: { path: RegExp; reshape(form: Form): void }[] = [
  { path: /^\/v1\/promotion_codes$/, reshape: namePromotion },
  { path: /^\/v1\/payment_intents$/, reshape: renameBankTransfer },
  { path: /^\/v1\/customers$/, reshape: makeSourceTheDefaultCard },
  { path: /^\/v1\/subscription_schedules(?:\/\w+)?$/, reshape: countPhasesByDuration },
];

/** Parameters that today's version does not take any more, although what they led to is still part of it. */
const retired: { path: RegExp; names: string[] }[] = [
  { path: /^\/v1\/customers(?:\/\w+)?$/, names: ["coupon", "promotion_code"] },
];

/**
 * Gives parameters the names they have today. A call that names no version is one of the account's own, older one (so
 * calls the official CLI); one that names today's version gets no help, so that an old name is `parameter_unknown`.
 */
export function renameOlder(form: Form, path: string, version: string | undefined): Form {
  if (version === apiVersion) {
    refuseRetired(form, path);
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

function refuseRetired(form: Form, path: string): void {
  const gone = retired.flatMap(({ path: where, names }) => (where.test(path) ? names : []));
  const sent = gone.find((name) => form[name] !== undefined);
  if (sent !== undefined) {
    throw invalid(`Received unknown parameter: ${sent}`, sent, "parameter_unknown");
  }
}

/** A code was made of a coupon; today it is made of a promotion, which is a coupon. */
function namePromotion(form: Form): void {
  const { coupon } = form;
  if (coupon === undefined) return;
  delete form.coupon;
  form.promotion = { type: "coupon", coupon };
}

/** A token that was a customer's source is a card of theirs today, and their default. */
function makeSourceTheDefaultCard(form: Form): void {
  const { source } = form;
  if (typeof source !== "string") return;
  delete form.source;
  const card = source.replace(/^tok_/, "pm_card_");
  form.payment_method = card;
  form.invoice_settings = { default_payment_method: card };
}

/** A phase lasted a number of its price's intervals; today it says which interval it counts. */
function countPhasesByDuration(form: Form): void {
  if (form.phases === undefined || typeof form.phases === "string") return;
  for (const phase of Object.values(form.phases)) {
    if (typeof phase === "string" || phase.iterations === undefined) continue;
    // Without a name, the interval is that of the phase's price.
    phase.duration = { interval_count: phase.iterations };
    delete phase.iterations;
  }
}

/** A Japanese bank transfer was called an account. */
function renameBankTransfer(form: Form): void {
  const transfer = under(under(form.payment_method_options, "customer_balance"), "bank_transfer");
  if (transfer !== undefined && typeof transfer !== "string" && transfer.type === "jp_bank_account") {
    transfer.type = "jp_bank_transfer";
  }
}

function under(node: Node | undefined, name: string): Node | undefined {
  return node === undefined || typeof node === "string" ? undefined : node[name];
}
