import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "#db/client.ts";

/** A flagged or blocked message, without its text. */
export type ModerationVerdict = {
  id: string;
  at: Date;
  result: "flagged" | "blocked";
  source: "chat" | "api";
  categories: string[];
  workspaceId: string;
  /** The name of its owner; null if the account was deleted. */
  customer: string | null;
};

const dataSchema = z.object({ source: z.enum(["chat", "api"]), categories: z.array(z.string()) });

/** Lists the newest flagged and blocked messages of all workspaces. */
export async function listVerdicts(tx: Tx, limit: number): Promise<ModerationVerdict[]> {
  const rows = await tx.execute<{
    id: string;
    at: string;
    action: string;
    data: unknown;
    workspaceId: string;
    customer: string | null;
  }>(sql`
    select a.id, a.at::text as at, a.action, a.data, a.workspace_id as "workspaceId", u.name as customer
    from audit_log a
    left join workspaces w on w.id = a.workspace_id
    left join users u on u.id = w.personal_user_id
    where a.action in ('moderation.flagged', 'moderation.blocked')
    order by a.at desc limit ${limit}`);
  return rows.map(({ action, data, at, ...row }) => ({
    ...row,
    at: new Date(at),
    result: action === "moderation.blocked" ? "blocked" : "flagged",
    ...dataSchema.parse(data),
  }));
}
