import { notFound } from "next/navigation";
import type { ZodType } from "zod";
import { type FormAction, publicFormAction } from "#app/_http/action.ts";
import { currentIdentity } from "#app/_http/session.ts";
import type { Identity } from "#lib/accounts/sessions.ts";
import { addToEvent } from "#lib/core/log.ts";

/** Who is here, where it is an operator. For everybody else, signed in or not, the page does not exist. */
export async function requireOperator(): Promise<Identity> {
  const identity = await currentIdentity();
  if (identity === null || identity.role !== "operator") return notFound();
  return identity;
}

/**
 * A server action behind a form of the operator's console; for everybody else it does not exist, whatever they send.
 * @param run says in a sentence what was done
 */
export function operatorAction<I>(
  schema: ZodType<I>,
  run: (input: I, operator: Identity) => Promise<string>,
): FormAction<string> {
  return async (previous, form) => {
    const operator = await requireOperator();
    const act = publicFormAction(schema, (input: I) => {
      addToEvent({ userId: operator.userId });
      return run(input, operator);
    });
    return act(previous, form);
  };
}
