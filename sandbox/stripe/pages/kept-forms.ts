import type { CardFields } from "#sandbox/stripe/pages/card-form.ts";
import { type PageAnswer, redirectBack } from "#sandbox/stripe/pages/layout.ts";
import type { TypedCode } from "#sandbox/stripe/pages/promotion-code-form.ts";
import { randomLetters } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** What a form said that was not taken, and why. */
export type KeptForm = { message: string | null; email?: string; card?: CardFields; code?: TypedCode };

const mostForms = 200;
/** By world and token. Never on disk: somebody may type the number of a real card. */
const forms = new WeakMap<World, Map<string, KeptForm>>();

/**
 * Sends the browser to the page of a form that was not taken, which then shows it again. An answer to the form itself
 * would be lost to "Back" and "Reload", which a browser does not send a form for without asking.
 */
export function askAgain(world: World, path: string, form: KeptForm): PageAnswer {
  const kept = forms.get(world) ?? new Map<string, KeptForm>();
  const token = randomLetters(16);
  forms.set(world, kept.set(token, form.card ? { ...form, card: { ...form.card, cvc: "" } } : form));
  for (const oldest of [...kept.keys()].slice(0, -mostForms)) kept.delete(oldest);
  return redirectBack(`${path}?again=${token}`);
}

/** The form that a page is to show again, or null. */
export function formToShow(world: World, query: URLSearchParams): KeptForm | null {
  return forms.get(world)?.get(query.get("again") ?? "") ?? null;
}
