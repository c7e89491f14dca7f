import { randomUUID } from "node:crypto";
import { createUser } from "#lib/accounts/users.ts";
import type { Rates } from "#lib/usage/charge.ts";
import type { Interaction } from "#lib/usage/interactions.ts";
import type { TestDatabase } from "#tests/database.ts";

/** One micro-USD per token, so that a test's numbers are tokens and amounts at once. */
export const plainRates: Rates = {
  inputMicrosPerMillion: 1_000_000,
  cachedInputMicrosPerMillion: 1_000_000,
  outputMicrosPerMillion: 1_000_000,
};
export const rates = { price: plainRates, cost: plainRates };

export const interaction: Interaction = {
  userId: null,
  purpose: "chat",
  upstream: "default",
  firstTokenMs: 1,
  durationMs: 2,
  outcome: "done",
  errorCode: null,
  requestId: null,
  prompt: null,
  answer: null,
};

/** Creates a workspace without credit. */
export async function newWorkspace({ db }: TestDatabase): Promise<string> {
  const created = await createUser(
    db,
    { email: `${randomUUID()}@people.example`, name: "Test" },
    new Date("2026-01-01T00:00:00Z"),
  );
  if (created === null) throw new Error("The email address is taken.");
  return created.workspaceId;
}

export type Sums = {
  balance: number;
  held: number;
  entries: number;
  openHolds: number;
  brokenGrants: number;
  grantEntriesOff: number;
};

/** Computes from a workspace's rows the sums about which the rules of money have invariants. */
export async function sumsOf({ sql }: TestDatabase, workspaceId: string): Promise<Sums> {
  const [row] = await sql<Sums[]>`
    select b.balance_micros::float8 as balance, b.held_micros::float8 as held,
      (select coalesce(sum(amount_micros), 0) from ledger_entries e where e.workspace_id = b.workspace_id)::float8 as entries,
      (select coalesce(sum(amount_micros), 0) from holds h where h.workspace_id = b.workspace_id and h.state = 'held')::float8
        as "openHolds",
      (select count(*) from grants g where g.workspace_id = b.workspace_id and g.amount_micros <>
        g.remaining_micros + g.spent_micros + g.expired_micros + g.taken_back_micros)::int as "brokenGrants",
      (select count(*) from grants g where g.workspace_id = b.workspace_id and g.remaining_micros <>
        (select coalesce(sum(e.amount_micros), 0) from ledger_entries e where e.grant_id = g.id))::int as "grantEntriesOff"
    from balances b where b.workspace_id = ${workspaceId}`;
  if (row === undefined) throw new Error("The workspace has no balance.");
  return row;
}
