import type { Tx } from "#db/client.ts";
import { auditLog } from "#db/schema/accounts.ts";
import { newId } from "#lib/core/ids.ts";
import { currentRequestId } from "#lib/core/log.ts";

/** An action to record in the audit log: sign-ins, keys, plan changes, operator actions. */
export type AuditEntry = {
  /** Dotted, with the resource first: `session.created`, `api_key.revoked`, `password.changed`. */
  action: string;
  actorUserId: string | null;
  workspaceId?: string | null;
  /** The id of the affected resource. */
  target?: string;
  /** Details; no secrets, addresses or chat content. */
  data?: Record<string, string | number | boolean | null | string[]>;
};

/**
 * Records an action in the audit log, in the transaction of the action. Entries are never changed or deleted.
 */
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
