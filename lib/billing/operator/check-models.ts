import { sql } from "drizzle-orm";
import { db } from "#db/client.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { type Operator, requireOperatorRole } from "#lib/billing/operator/operator-role.ts";
import { checkUpstreams } from "#lib/usage/health/check-upstreams.ts";

/** Checks all upstreams now; takes as long as the slowest check. A check that is running is done twice. */
export async function checkModelsNow(operator: Operator, at: Date): Promise<void> {
  requireOperatorRole(operator);
  await recordAudit(db(), { action: "models.checked", actorUserId: operator.userId }, at);
  await db().execute(sql`update upstream_health set next_check_at = checked_at where checked_at is not null`);
  await checkUpstreams();
}
