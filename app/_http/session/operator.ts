import { notFound, redirect } from "next/navigation";
import type { ZodType } from "zod";
import { type ActionOptions, type FormAction, publicFormAction } from "#app/_http/action.ts";
import { markActionReached } from "#app/_http/server/page-request.ts";
import { currentIdentity } from "#app/_http/session/session.ts";
import { db } from "#db/client.ts";
import { hasSecondFactor } from "#lib/accounts/second-factors/second-factor.ts";
import type { Identity } from "#lib/accounts/sessions.ts";
import { requireFreshProof } from "#lib/accounts/step-up.ts";
import { now } from "#lib/core/clock.ts";
import { addToEvent } from "#lib/core/log.ts";

/**
 * Returns the signed-in operator. Everybody else, signed in or not, gets a 404. An operator without a second
 * factor is sent to set one up; with one, every session has proven it, because the first second factor ends
 * all sessions that were started without it.
 */
export async function requireOperator(): Promise<Identity> {
  const identity = await currentIdentity();
  if (identity === null || identity.role !== "operator") return notFound();
  if (!(await hasSecondFactor(db(), identity.userId))) redirect("/settings/security?notice=operator");
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
  { needsFreshProof = false }: ActionOptions = {},
): FormAction<string> {
  return async (previous, form) => {
    markActionReached();
    const operator = await requireOperator();
    const runAsOperator = publicFormAction(schema, (input: I) => {
      addToEvent({ userId: operator.userId });
      if (needsFreshProof) requireFreshProof(operator, now());
      return run(input, operator);
    });
    return runAsOperator(previous, form);
  };
}
