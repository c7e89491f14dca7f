import { sql } from "drizzle-orm";
import type { z } from "zod";
import { db, type Tx } from "#db/client.ts";
import { type Follower, followChanges } from "#db/follow-changes.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { type Operator, requireOperatorRole } from "#lib/billing/operator/operator-role.ts";
import { singleton } from "#lib/core/singleton.ts";

const channel = "parley_settings";

type Definition<T> = {
  /** The name of its row, and the resource in the audit log: "NAME.changed". */
  name: string;
  schema: z.ZodType<T>;
  /** The value until an operator changes it, and where the stored one is not valid. */
  initial: T;
  /** The value as the audit log shows it. */
  format: (value: T) => string[];
};

/** A setting that an operator changes while the app runs; every process has a copy in memory. */
export type OperatorSetting<T> = {
  /** The value, from memory. */
  current(): T;
  /** Keeps this process's copy up to date. */
  follow(): Promise<Follower>;
  read(tx: Tx): Promise<T>;
  /** Changes the setting in all processes, with an entry in the audit log that names what changed. */
  change(operator: Operator, value: T, at: Date): Promise<void>;
};

/** Defines a setting, which is stored in `operator_settings`. */
export function operatorSetting<T>({ name, schema, initial, format }: Definition<T>): OperatorSetting<T> {
  const state = () => singleton(`${name}.settings`, () => ({ value: initial }));
  async function read(tx: Tx): Promise<T> {
    const [row] = await tx.execute<{ value: unknown }>(
      sql`select value from operator_settings where name = ${name}`,
    );
    return schema.safeParse(row?.value).data ?? initial;
  }
  return {
    current: () => state().value,
    read,
    follow: () =>
      followChanges(channel, async () => {
        state().value = await read(db());
      }),
    async change(operator, changed, at) {
      requireOperatorRole(operator);
      const value = schema.parse(changed);
      await db().transaction(async (tx) => {
        await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`settings:${name}`}, 0))`);
        const before = await read(tx);
        await tx.execute(sql`
          insert into operator_settings (name, value, changed_at, changed_by)
          values (${name}, ${JSON.stringify(value)}::text::jsonb, ${at.toISOString()}::timestamptz,
            ${operator.userId}::uuid)
          on conflict (name) do update set value = excluded.value, changed_at = excluded.changed_at,
            changed_by = excluded.changed_by`);
        const data = { from: format(before), to: format(value) };
        const entry = { action: `${name}.changed`, actorUserId: operator.userId, target: name, data };
        await recordAudit(tx, entry, at);
        await tx.execute(sql`select pg_notify(${channel}, ${name})`);
      });
    },
  };
}
