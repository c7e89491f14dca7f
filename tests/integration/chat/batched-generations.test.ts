import fc from "fast-check";
import type { Sql } from "postgres";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { connect } from "#db/client.ts";
import { takeToken } from "#lib/accounts/rate-limit.ts";
import { toEvents } from "#lib/chat/generation/answer-content.ts";
import { finalizeGeneration } from "#lib/chat/generation/finalize.ts";
import { defaultParameters } from "#lib/chat/generation/parameters/answer-parameters.ts";
import { requestBucket } from "#lib/chat/generation/request-bucket.ts";
import type { ChatRuntime } from "#lib/chat/generation/runtime.ts";
import type { StartGeneration } from "#lib/chat/generation/stream-events.ts";
import { commitGeneration } from "#lib/chat/start/commit-generation.ts";
import type { PreparedGeneration } from "#lib/chat/start/prepare-generation.ts";
import { AppError } from "#lib/core/errors.ts";
import { newId } from "#lib/core/ids.ts";
import { grantCredit } from "#lib/usage/grants.ts";
import { openOverage } from "#lib/usage/overage.ts";
import { findModel } from "#lib/usage/price-list.ts";
import {
  addUser,
  type ChatTestEnv,
  startChatTestEnv,
  startInput,
  type TestUser,
} from "#tests/integration/chat/chat-test-env.ts";
import { plainRates, rates, sumsOf } from "#tests/integration/usage/workspace.ts";
import { randomRuns } from "#tests/random-budget.ts";

// Generations that start or end at the same time share a statement. The result of each is the same as without
// the others.

let env: ChatTestEnv;
/** Of a superuser, who may empty the ledger. */
let admin: Sql;
let runtime: ChatRuntime;
const model = "gpt-4.1-mini";
const day = 86_400_000;
const startsAt = new Date("2026-03-01T00:00:00Z");
const at = new Date("2026-03-02T00:00:00Z");
const endedAt = new Date("2026-03-02T00:10:00Z");

beforeAll(async () => {
  env = await startChatTestEnv();
  admin = connect(env.adminUrl, { max: 4 }).sql;
  runtime = env.addInstance();
  vi.useFakeTimers({ toFake: ["Date"], now: endedAt });
});
afterAll(async () => {
  vi.useRealTimers();
  await admin.end();
  await env.close();
});

/** One generation of a user; a token costs one micro-USD. */
type Scenario = {
  credit: number;
  topUp: number;
  /** Credit that expires while the generation runs. */
  expiring: number;
  /** Null: overage is off. */
  cap: number | null;
  due: number;
  amount: number;
  minimum: number;
  perMinute: number;
  /** Tokens taken from the rate limit before. */
  takenTokens: number;
  tokens: number;
  outcome: "done" | "stopped" | "failed";
  reaped: boolean;
  conversation: "new" | "own" | "foreign";
};

const micros = (max: number) => fc.oneof(fc.constant(0), fc.integer({ min: 1, max }));
const anyScenario: fc.Arbitrary<Scenario> = fc.record({
  credit: micros(200),
  topUp: micros(100),
  expiring: micros(100),
  cap: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.nat(200) }),
  due: fc.oneof(
    { weight: 4, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 50 }) },
  ),
  amount: fc.integer({ min: 1, max: 300 }),
  minimum: fc.integer({ min: 1, max: 20 }),
  perMinute: fc.constantFrom(1, 60),
  takenTokens: fc.constantFrom(0, 0, 0, 1),
  tokens: micros(400),
  outcome: fc.constantFrom("done" as const, "stopped" as const, "failed" as const),
  reaped: fc.oneof({ weight: 8, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  conversation: fc.oneof(
    { weight: 6, arbitrary: fc.constant("new" as const) },
    { weight: 2, arbitrary: fc.constant("own" as const) },
    { weight: 1, arbitrary: fc.constant("foreign" as const) },
  ),
});

type Task = () => Promise<unknown>;
type Actor = { scenario: Scenario; user: TestUser; input: StartGeneration };

async function createActor(scenario: Scenario): Promise<Actor> {
  const user = await addUser(env);
  await admin.begin(async (tx) => {
    // As a replica, PostgreSQL skips the trigger that makes the ledger append-only.
    await tx`set local session_replication_role = replica`;
    await tx`delete from ledger_entries where workspace_id = ${user.workspaceId}`;
  });
  await env.sql`delete from grants where workspace_id = ${user.workspaceId}`;
  await env.sql`update balances set balance_micros = 0 where workspace_id = ${user.workspaceId}`;
  const grant = (kind: "allowance" | "top_up", amountMicros: number, expiresAt: Date) =>
    amountMicros > 0 &&
    grantCredit(
      env.db,
      user.workspaceId,
      { kind, amountMicros, startsAt, expiresAt, sourceKey: `${kind}:${expiresAt.toISOString()}` },
      startsAt,
    );
  await grant("allowance", scenario.credit, new Date(at.getTime() + 10 * day));
  await grant("allowance", scenario.expiring, new Date(at.getTime() + 60_000));
  await grant("top_up", scenario.topUp, new Date(at.getTime() + 300 * day));
  if (scenario.cap !== null) {
    const window = { startsAt, endsAt: new Date(at.getTime() + day), capMicros: scenario.cap };
    await openOverage(env.db, user.workspaceId, window);
  }
  const input = startInput("a message", model);
  if (scenario.conversation !== "new") {
    const owner = scenario.conversation === "own" ? user : await addUser(env);
    await env.sql`
      insert into conversations (id, workspace_id, user_id, title, model, created_at, updated_at)
      values (${input.conversationId}, ${owner.workspaceId}, ${owner.userId}, 'Earlier', ${model}, ${startsAt.toISOString()}, ${startsAt.toISOString()})`;
  }
  return { scenario, user, input };
}

function toPrepared({ scenario, user, input }: Actor): PreparedGeneration {
  const known = findModel(model);
  if (known === undefined || input.message === null) throw new Error("The model or the message is missing.");
  const { id, text } = input.message;
  const grant = {
    kind: "allowance" as const,
    amountMicros: scenario.due,
    startsAt,
    expiresAt: new Date(at.getTime() + 20 * day),
    sourceKey: "free:due",
  };
  return {
    model: { ...known, price: plainRates, cost: plainRates },
    plan: "free",
    workspaceId: user.workspaceId,
    userId: user.userId,
    isTemporary: false,
    userMessage: { id, parentId: null, text, tokens: 2, attachments: [] },
    answerParentId: id,
    draftTitle: text,
    prompt: [],
    promptTokens: 0,
    firstMessageId: null,
    parameters: defaultParameters,
    needsTitle: false,
    maxOutputTokens: 100,
    holdMicros: Math.max(scenario.amount, scenario.minimum),
    likelyMicros: Math.max(scenario.amount, scenario.minimum),
    minimumMicros: scenario.minimum,
    grant: scenario.due > 0 ? grant : null,
    requestsPerMinute: scenario.perMinute,
  };
}

const started = (heldMicros: number) => ({ outcome: "started", heldMicros });

async function startActor(actor: Actor): Promise<unknown> {
  const prepared = toPrepared(actor);
  const { perMinute } = actor.scenario;
  try {
    for (let taken = 0; taken < actor.scenario.takenTokens; taken++) {
      await takeToken(
        env.db,
        requestBucket(actor.user.workspaceId),
        { capacity: perMinute, refillPerMinute: perMinute },
        at,
      );
    }
    const { model, userMessage: message } = prepared;
    const rest = { attachmentIds: [], history: null, leafId: null, isCounted: true };
    const request = { input: actor.input, model, message, ...rest };
    return await commitGeneration(runtime, request, prepared, {
      holdId: newId(),
      requestId: "test-request",
      at,
    });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { code: error.code, wait: error.retryAfterSeconds };
  }
}

function finalizeActor({ scenario, user, input }: Actor): Promise<unknown> {
  const text = scenario.tokens === 0 ? "" : "word ".repeat(scenario.tokens);
  return finalizeGeneration(runtime, toKey(user, input), toEnd(scenario, text));
}

const toKey = (user: TestUser, input: StartGeneration) => ({
  generationId: input.generationId,
  conversationId: input.conversationId,
  messageId: input.answerId,
  workspaceId: user.workspaceId,
  userId: user.userId,
});

const toEnd = (scenario: Scenario, text: string) => ({
  outcome: scenario.outcome,
  error: scenario.outcome === "failed" ? new AppError("model_failed") : null,
  model,
  upstream: "default",
  rates,
  usage:
    text === ""
      ? null
      : {
          promptTokens: 0,
          cachedTokens: 0,
          completionTokens: scenario.tokens,
          reasoningTokens: 0,
          estimated: false,
        },
  content: toEvents(text === "" ? [] : [{ type: "text", text }]),
  unlogged: toEvents(text === "" ? [] : [{ type: "text", text }]),
  sendsReasoningBack: false,
  firstTokenMs: 1,
  durationMs: 2,
  requestId: null,
  prompt: [],
});

/** Reads everything that was written for a user, except ids. */
async function readRows({ user, input }: Actor): Promise<unknown> {
  const { workspaceId } = user;
  const [row] = await env.sql<{ rows: unknown }[]>`
    select jsonb_build_object(
      'balance', (select jsonb_build_array(balance_micros, held_micros) from balances where workspace_id = ${workspaceId}),
      'grants', (select jsonb_agg(jsonb_build_array(source_key, remaining_micros, spent_micros) order by source_key)
        from grants where workspace_id = ${workspaceId}),
      'ledger', (select jsonb_agg(jsonb_build_array(e.kind, e.amount_micros, g.source_key) order by e.kind, e.amount_micros, g.source_key)
        from ledger_entries e left join grants g on g.id = e.grant_id where e.workspace_id = ${workspaceId}),
      'holds', (select jsonb_agg(jsonb_build_array(state, amount_micros, overage_micros, charged_micros)) from holds
        where workspace_id = ${workspaceId}),
      'overage', (select jsonb_agg(used_micros) from overage_windows where workspace_id = ${workspaceId}),
      'calls', (select jsonb_agg(jsonb_build_array(model, completion_tokens, cost_micros, charged_micros, loss_micros, outcome))
        from openai_interactions where workspace_id = ${workspaceId}),
      'days', (select jsonb_agg(jsonb_build_array(day, requests, completion_tokens, cost_micros, charged_micros))
        from usage_daily where workspace_id = ${workspaceId}),
      'warnings', (select jsonb_agg(jsonb_build_array(subject, percent, used_micros) order by subject, percent)
        from usage_warnings where workspace_id = ${workspaceId}),
      'generation', (select jsonb_build_array(status, error_code, completion_tokens, charged_micros, estimated) from generations
        where id = ${input.generationId}),
      'messages', (select jsonb_agg(jsonb_build_array(role, status, content, tokens, parts) order by created_at) from messages
        where workspace_id = ${workspaceId}),
      'log', (select jsonb_agg(jsonb_build_array(seq, event) order by seq) from generation_events
        where generation_id = ${input.generationId}),
      'conversation', (select jsonb_build_array(title, active_leaf_id is not null) from conversations
        where id = ${input.conversationId} and workspace_id = ${workspaceId}),
      'bucket', (select jsonb_agg(jsonb_build_array(tokens, refilled_at)) from rate_buckets where key like '%' || ${workspaceId})
    ) as rows`;
  return row?.rows;
}

async function runScenarios(actors: Actor[], all: (tasks: Task[]) => Promise<unknown[]>) {
  const started = await all(actors.map((actor) => () => startActor(actor)));
  const running = actors.filter((_, index) => JSON.stringify(started[index]).includes("heldMicros"));
  const finish = async (actor: Actor) => {
    // Another process finalized it first, such as the reaper.
    if (actor.scenario.reaped) await finalizeActor({ ...actor, scenario: { ...actor.scenario, tokens: 1 } });
    return finalizeActor(actor);
  };
  const ended = await all(running.map((actor) => () => finish(actor)));
  return { started, ended, rows: await Promise.all(actors.map(readRows)) };
}

const concurrently = (tasks: Task[]) => Promise.all(tasks.map((task) => task()));
const sequentially = async (tasks: Task[]) => {
  const results: unknown[] = [];
  for (const task of tasks) results.push(await task());
  return results;
};

test("M2 to M7, M16, M17: generations that start and end concurrently give the same results as one after the other", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyScenario, { minLength: 2, maxLength: 12 }), async (scenarios) => {
      const concurrent = await Promise.all(scenarios.map(createActor));
      const sequential = await Promise.all(scenarios.map(createActor));
      const expected = await runScenarios(sequential, sequentially);
      const actual = await runScenarios(concurrent, concurrently);
      expect(actual).toEqual(expected);
      for (const { user } of concurrent) {
        const sums = await sumsOf(env, user.workspaceId);
        expect(sums.entries, "M4").toBe(sums.balance);
        expect(sums.openHolds, "M5").toBe(sums.held);
        expect(sums.brokenGrants + sums.grantEntriesOff, "M4").toBe(0);
      }
    }),
    { numRuns: randomRuns(15, 30), endOnFailure: true },
  );
}, 120_000);

const usual: Scenario = {
  credit: 200,
  topUp: 0,
  expiring: 0,
  cap: null,
  due: 0,
  amount: 50,
  minimum: 1,
  perMinute: 60,
  takenTokens: 0,
  tokens: 20,
  outcome: "done",
  reaped: false,
  conversation: "new",
};

test("twenty generations that start and end concurrently take at most three statements each", async () => {
  const actors = await Promise.all(Array.from({ length: 20 }, () => createActor(usual)));
  env.statements.length = 0;
  await Promise.all(actors.map(startActor));
  expect(env.statements.length).toBeLessThanOrEqual(3);
  env.statements.length = 0;
  await Promise.all(actors.map(finalizeActor));
  expect(env.statements.length).toBeLessThanOrEqual(3);
});

test("two concurrent starts of one workspace are committed one after the other without delaying other workspaces", async () => {
  const actors = await Promise.all(Array.from({ length: 10 }, () => createActor(usual)));
  const [first] = actors;
  if (first === undefined) throw new Error("There is no actor.");
  const second = { ...first, input: startInput("another message", model) };
  env.statements.length = 0;
  const results = await Promise.all([...actors, second].map(startActor));
  expect(results).toEqual(results.map(() => started(50)));
  expect(env.statements.length).toBeLessThanOrEqual(3);
  expect(await sumsOf(env, first.user.workspaceId)).toMatchObject({ held: 100, openHolds: 100 });
});

test("a start in another user's conversation is refused without a hold, and the rest of its batch starts", async () => {
  const foreign = await createActor({ ...usual, conversation: "foreign" });
  const others = await Promise.all([createActor(usual), createActor({ ...usual, conversation: "own" })]);
  const results = await Promise.all([...others, foreign].map(startActor));
  expect(results).toEqual([...others.map(() => started(50)), { code: "not_found", wait: undefined }]);
  expect(await sumsOf(env, foreign.user.workspaceId)).toMatchObject({ held: 0, openHolds: 0 });
});

test("a start with a taken message id is refused without a hold, and the rest of its batch starts", async () => {
  const actors = await Promise.all(Array.from({ length: 5 }, () => createActor(usual)));
  const [taken, ...others] = actors;
  if (taken === undefined) throw new Error("There is no actor.");
  await startActor(taken);
  const duplicate = await createActor(usual);
  duplicate.input.answerId = taken.input.answerId;
  const results = await Promise.all([...others, duplicate].map(startActor));
  expect(results).toEqual([...others.map(() => started(50)), { code: "conflict", wait: undefined }]);
  expect(await sumsOf(env, duplicate.user.workspaceId)).toMatchObject({ held: 0, openHolds: 0 });
});

test.each(["balance", "generation"])(
  "a batch does not wait for a workspace whose %s is locked, and that request is committed after the lock",
  async (what) => {
    const actors = await Promise.all(Array.from({ length: 4 }, () => createActor(usual)));
    const [blocked, ...others] = actors;
    if (blocked === undefined) throw new Error("There is no actor.");
    const other = connect(env.url, { max: 1 });
    for (const act of [startActor, finalizeActor]) {
      const unlock = Promise.withResolvers<void>();
      const locked = Promise.withResolvers<void>();
      const locking = other.sql.begin(async (tx) => {
        const { workspaceId } = blocked.user;
        if (what === "balance" || act === startActor)
          await tx`select 1 from balances where workspace_id = ${workspaceId} for update`;
        else await tx`select 1 from generations where workspace_id = ${workspaceId} for update`;
        locked.resolve();
        await unlock.promise;
      });
      await locked.promise;
      let isDone = false;
      const waiting = Promise.resolve(act(blocked)).finally(() => {
        isDone = true;
      });
      const results = await Promise.all(others.map(act));
      expect(results).toHaveLength(3);
      expect(isDone).toBe(false);
      unlock.resolve();
      await locking;
      expect(await waiting).toEqual(results[0]);
    }
    await other.sql.end();
  },
);

test("five concurrent commits of the same request start one generation", async () => {
  const actor = await createActor(usual);
  const results = await Promise.all(Array.from({ length: 5 }, () => startActor(actor)));
  expect(
    results.filter((result) => JSON.stringify(result) !== JSON.stringify({ outcome: "replay" })),
  ).toEqual([started(50)]);
  expect(await sumsOf(env, actor.user.workspaceId)).toMatchObject({ held: 50, openHolds: 50 });
});
