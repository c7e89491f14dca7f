import { notFound } from "next/navigation";
import type { ZodType } from "zod";
import { type FormAction, publicFormAction } from "#app/_http/action.ts";
import { markActionReached } from "#app/_http/server/page-request.ts";
import { currentIdentity } from "#app/_http/session/session.ts";
import type { Identity } from "#lib/accounts/sessions.ts";
import { addToEvent } from "#lib/core/log.ts";

/** Returns the signed-in operator. Everybody else, signed in or not, gets a 404. */
export async function requireOperator(): Promise<Identity> {
  const identity = await currentIdentity();
  if (identity === null || identity.role !== "operator") return notFound();
  return identity;
}

/**
 * Creates a server action for a form of the operator console. Everybody but operators gets a 404, before the
 * input is parsed.
 * @param run returns the message to show to the operator
 */
export function operatorAction<I>(
  schema: ZodType<I>,
  run: (input: I, operator: Identity) => Promise<string>,
): FormAction<string> {
  return async (previous, form) => {
    markActionReached();
    const operator = await requireOperator();
    const runAsOperator = publicFormAction(schema, (input: I) => {
      addToEvent({ userId: operator.userId });
      return run(input, operator);
    });
    return runAsOperator(previous, form);
  };
}
