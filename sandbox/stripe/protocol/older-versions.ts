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

/**
 * Gives parameters the names they have today. A call that names no version is one of the account's own, older one (so
 * calls the official CLI); one that names today's version gets no help, so that an old name is `parameter_unknown`.
 */
export function renameOlder(form: Form, path: string, version: string | undefined): Form {
  if (version === apiVersion) return form;
  const modern: Form = Object.assign(Object.create(null), form);
  for (const { path: where, from, to } of renamed) {
    const value = modern[from];
    if (value === undefined || !where.test(path)) continue;
    delete modern[from];
    modern[to] = value;
  }
  return modern;
}
