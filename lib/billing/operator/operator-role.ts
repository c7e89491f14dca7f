import { notFound } from "#lib/core/errors.ts";

/** A user who may operate this installation and see every workspace's billing. */
export type Operator = { userId: string; role: "user" | "operator" };

/**
 * Throws unless the user is an operator. The error is not_found, so that other users do not learn that the
 * console exists.
 * @throws AppError not_found
 */
export function requireOperatorRole({ role }: Pick<Operator, "role">): void {
  if (role !== "operator") throw notFound("page");
}
