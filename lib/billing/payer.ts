import { AppError } from "#lib/core/errors.ts";

/** Somebody who acts for a workspace, as far as money asks. */
export type Payer = {
  userId: string;
  workspaceId: string;
  memberRole: "member" | "admin" | "owner";
};

/**
 * Only owners and admins spend a workspace's money.
 * @throws AppError forbidden
 */
export function requirePayer({ memberRole }: Payer): void {
  if (memberRole !== "owner" && memberRole !== "admin")
    throw new AppError("forbidden", { message: "Only the owner or an admin of this workspace may do this." });
}
