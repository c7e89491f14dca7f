import { notFound } from "#lib/ground/errors.ts";

/** Somebody who runs this installation, and sees every workspace's billing. */
export type Operator = { userId: string; role: "user" | "operator" };

/**
 * For everybody else there is nothing here, not even a refusal.
 * @throws AppError not_found
 */
export function requireOperatorRole({ role }: Pick<Operator, "role">): void {
  if (role !== "operator") throw notFound("page");
}
