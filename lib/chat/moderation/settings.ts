import { sql } from "drizzle-orm";
import { z } from "zod";
import { db, type Tx } from "#db/client.ts";
import { type Follower, followChanges } from "#db/follow-changes.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { type PlanId, planList } from "#lib/billing/catalog/plans.ts";
import { type Operator, requireOperatorRole } from "#lib/billing/operator/operator-role.ts";
import { singleton } from "#lib/core/singleton.ts";

/** What happens with flagged input: nothing, an entry in the audit log, or a refusal as well. */
export const moderationModes = ["off", "flag", "block"] as const;
const modeSchema = z.enum(moderationModes);
export type ModerationMode = z.infer<typeof modeSchema>;

const settingsSchema = z.object({
  /** By plan; a plan that is not listed is off. */
  modes: z.record(z.string(), modeSchema),
  /** Whether input that could not be checked is answered, on plans that block. */
  onFailure: z.enum(["allow", "block"]),
});
export type ModerationSettings = z.infer<typeof settingsSchema>;

const initial: ModerationSettings = { modes: {}, onFailure: "allow" };
const name = "moderation";
const channel = "parley_settings";

const state = () => singleton("moderation.settings", () => ({ settings: initial }));

/** The mode of a plan and what happens on a failure. Read from memory. */
export function moderationOf(plan: PlanId): { mode: ModerationMode; onFailure: "allow" | "block" } {
  const { modes, onFailure } = state().settings;
  return { mode: modes[plan] ?? "off", onFailure };
}

/** Keeps this process's copy of the settings up to date. */
export function followModerationSettings(): Promise<Follower> {
  return followChanges(channel, async () => {
    state().settings = await readModerationSettings(db());
  });
}

/** Reads the settings; moderation is off until an operator turns it on. */
export async function readModerationSettings(tx: Tx): Promise<ModerationSettings> {
  const [row] = await tx.execute<{ value: unknown }>(
    sql`select value from operator_settings where name = ${name}`,
  );
  return settingsSchema.safeParse(row?.value).data ?? initial;
}

/** Changes the settings in all processes, with an entry in the audit log that names what changed. */
export async function changeModerationSettings(
  operator: Operator,
  settings: ModerationSettings,
  at: Date,
): Promise<void> {
  requireOperatorRole(operator);
  const value = settingsSchema.parse(settings);
  await db().transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`settings:${name}`}, 0))`);
    const before = await readModerationSettings(tx);
    await tx.execute(sql`
      insert into operator_settings (name, value, changed_at, changed_by)
      values (${name}, ${JSON.stringify(value)}::text::jsonb, ${at.toISOString()}::timestamptz, ${operator.userId}::uuid)
      on conflict (name) do update set value = excluded.value, changed_at = excluded.changed_at,
        changed_by = excluded.changed_by`);
    const data = { from: format(before), to: format(value) };
    const entry = { action: "moderation.changed", actorUserId: operator.userId, target: name, data };
    await recordAudit(tx, entry, at);
    await tx.execute(sql`select pg_notify(${channel}, ${name})`);
  });
}

function format({ modes, onFailure }: ModerationSettings): string[] {
  return [...planList.map(({ id }) => `${id}: ${modes[id] ?? "off"}`), `on failure: ${onFailure}`];
}
