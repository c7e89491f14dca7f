import type { CardFields } from "#sandbox/stripe/pages/card-form.ts";
import type { PaymentFields } from "#sandbox/stripe/pages/checkout-fields.ts";
import { type PageResponse, redirectBack } from "#sandbox/stripe/pages/layout.ts";
import type { TypedCode } from "#sandbox/stripe/pages/promotion-code-form.ts";
import { randomLetters } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** Fields of a rejected form and the error message. */
export type RejectedForm = {
  message: string | null;
  email?: string;
  card?: CardFields;
  payment?: PaymentFields;
  code?: TypedCode;
};

const mostForms = 200;
/** By world and token. Not persisted, because a user may enter a real card number. */
const forms = new WeakMap<World, Map<string, RejectedForm>>();

/**
 * Redirects to the page of a rejected form, which shows the fields again. Back and Reload would ask to resend
 * the form if the POST itself returned the page.
 */
export function redirectToForm(world: World, path: string, form: RejectedForm): PageResponse {
  const stored = forms.get(world) ?? new Map<string, RejectedForm>();
  const token = randomLetters(16);
  forms.set(world, stored.set(token, withoutCvc(form)));
  for (const oldest of [...stored.keys()].slice(0, -mostForms)) stored.delete(oldest);
  return redirectBack(`${path}?again=${token}`);
}

function withoutCvc({ card, payment, ...form }: RejectedForm): RejectedForm {
  return {
    ...form,
    ...(card ? { card: { ...card, cvc: "" } } : {}),
    ...(payment ? { payment: { ...payment, card: { ...payment.card, cvc: "" } } } : {}),
  };
}

/** The rejected form that a page shows again, or null. */
export function readRejectedForm(world: World, query: URLSearchParams): RejectedForm | null {
  return forms.get(world)?.get(query.get("again") ?? "") ?? null;
}
