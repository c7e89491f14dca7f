import type { Tx } from "#db/client.ts";
import { auditLog } from "#db/schema/accounts.ts";
import { newId } from "#lib/core/ids.ts";
import { currentRequestId } from "#lib/core/log.ts";

/** Something that somebody did and that must be found again: sign-ins, keys, plans, the operator's acts. */
export type AuditEntry = {
  /** Dotted, the thing first: `session.created`, `api_key.revoked`, `password.changed`. */
  action: string;
  actorUserId: string | null;
  workspaceId?: string | null;
  /** The id of what it was done to. */
  target?: string;
  /** Facts that matter later; no secret, no address, nothing written by a person in a chat. */
  data?: Record<string, string | number | boolean | null | string[]>;
};

/** Adds a line to the audit trail, in the transaction of what it tells of. Nothing changes or removes it later. */
export async function recordAudit(tx: Tx, entry: AuditEntry, at: Date): Promise<void> {
  await tx.insert(auditLog).values({
    id: newId(),
    action: entry.action,
    actorUserId: entry.actorUserId,
    workspaceId: entry.workspaceId ?? null,
    target: entry.target ?? null,
    data: entry.data ?? {},
    requestId: currentRequestId() ?? null,
    at,
  });
}
