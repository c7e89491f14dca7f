import { AppError, errorReason } from "#lib/core/errors.ts";

/** The user who performs a billing action for a workspace. */
export type BillingAdmin = {
  userId: string;
  workspaceId: string;
  memberRole: "member" | "admin" | "owner";
};

/**
 * Throws unless the user may manage the workspace's billing; only owners and admins may.
 * @throws AppError forbidden
 */
export function requireBillingAdmin({ memberRole }: BillingAdmin): void {
  if (memberRole !== "owner" && memberRole !== "admin")
    throw new AppError("forbidden", { reason: errorReason("adminOnly") });
}
