import fc from "fast-check";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { connect } from "#db/client.ts";
import { requestBucket } from "#lib/chat/api-credit.ts";
import { applyStart } from "#lib/chat/apply-start.ts";
import type { StartPlan } from "#lib/chat/decide-start.ts";
import { finishGeneration } from "#lib/chat/finish.ts";
import type { ChatRuntime } from "#lib/chat/runtime.ts";
import type { StartGeneration } from "#lib/chat/stream-events.ts";
import { AppError } from "#lib/core/errors.ts";
import { newId } from "#lib/core/ids.ts";
import { grantCredit } from "#lib/usage/grants.ts";
import { openOverage } from "#lib/usage/overage.ts";
import { findModel } from "#lib/usage/price-list.ts";
import {
  addPerson,
  type ChatWorld,
  createChatWorld,
  type Person,
  question,
} from "#tests/integration/chat/chat-world.ts";
import { plainRates, sumsOf } from "#tests/integration/usage/workspace.ts";

// Answers that start or end at the same time share a statement. Whatever that comes to, it is what each comes to alone.

let world: ChatWorld;
let runtime: ChatRuntime;
const model = "gpt-4.1-mini";
const day = 86_400_000;
const startsAt = new Date("2026-03-01T00:00:00Z");
const at = new Date("2026-03-02T00:00:00Z");
const endedAt = new Date("2026-03-02T00:10:00Z");

beforeAll(async () => {
  world = await createChatWorld();
  runtime = world.addInstance();
  vi.useFakeTimers({ toFake: ["Date"], now: endedAt });
});
afterAll(async () => {
  vi.useRealTimers();
  await world.close();
});

/** What becomes of somebody's one answer; a token costs one micro-USD. */
type Life = {
  credit: number;
  topUp: number;
  /** Credit whose end comes while the answer is made. */
  ending: number;
  /** Null where overage is off. */
  cap: number | null;
  due: number;
  wish: number;
  minimum: number;
  perMinute: number;
  turns: number;
  tokens: number;
  outcome: "done" | "stopped" | "failed";
  gone: boolean;
  conversation: "new" | "own" | "foreign";
};

const micros = (max: number) => fc.oneof(fc.constant(0), fc.integer({ min: 1, max }));
const anyLife: fc.Arbitrary<Life> = fc.record({
  credit: micros(200),
  topUp: micros(100),
  ending: micros(100),
  cap: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.nat(200) }),
  due: fc.oneof(
    { weight: 4, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 50 }) },
  ),
  wish: fc.integer({ min: 1, max: 300 }),
  minimum: fc.integer({ min: 1, max: 20 }),
  perMinute: fc.constantFrom(1, 60),
  turns: fc.constantFrom(0, 0, 0, 1),
  tokens: micros(400),
  outcome: fc.constantFrom("done" as const, "stopped" as const, "failed" as const),
  gone: fc.oneof({ weight: 8, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  conversation: fc.oneof(
    { weight: 6, arbitrary: fc.constant("new" as const) },
    { weight: 2, arbitrary: fc.constant("own" as const) },
    { weight: 1, arbitrary: fc.constant("foreign" as const) },
  ),
});

type Task = () => Promise<unknown>;
type Actor = { life: Life; person: Person; input: StartGeneration };

async function beBorn(life: Life): Promise<Actor> {
  const person = await addPerson(world);
  await world.sql`delete from ledger_entries where workspace_id = ${person.workspaceId}`;
  await world.sql`delete from grants where workspace_id = ${person.workspaceId}`;
  await world.sql`update balances set balance_micros = 0 where workspace_id = ${person.workspaceId}`;
  const give = (kind: "allowance" | "top_up", amountMicros: number, expiresAt: Date) =>
    amountMicros > 0 &&
    grantCredit(
      world.db,
      person.workspaceId,
      { kind, amountMicros, startsAt, expiresAt, sourceKey: `${kind}:${expiresAt.toISOString()}` },
      startsAt,
    );
  await give("allowance", life.credit, new Date(at.getTime() + 10 * day));
  await give("allowance", life.ending, new Date(at.getTime() + 60_000));
  await give("top_up", life.topUp, new Date(at.getTime() + 300 * day));
  if (life.cap !== null) {
    const window = { startsAt, endsAt: new Date(at.getTime() + day), capMicros: life.cap };
    await openOverage(world.db, person.workspaceId, window);
  }
  const input = question("a question", model);
  if (life.conversation !== "new") {
    const owner = life.conversation === "own" ? person : await addPerson(world);
    await world.sql`
      insert into conversations (id, workspace_id, user_id, title, model, created_at, updated_at)
      values (${input.conversationId}, ${owner.workspaceId}, ${owner.userId}, 'Earlier', ${model}, ${startsAt.toISOString()}, ${startsAt.toISOString()})`;
  }
  return { life, person, input };
}

function planOf({ life, person, input }: Actor): StartPlan {
  const known = findModel(model);
  if (known === undefined || input.message === null) throw new Error("There is nothing to ask.");
  const { id, text } = input.message;
  const grant = {
    kind: "allowance" as const,
    amountMicros: life.due,
    startsAt,
    expiresAt: new Date(at.getTime() + 20 * day),
    sourceKey: "free:due",
  };
  return {
    model: { ...known, price: plainRates, cost: plainRates },
    workspaceId: person.workspaceId,
    userId: person.userId,
    userMessage: { id, parentId: null, text, tokens: 2 },
    answerParentId: id,
    draftTitle: text,
    prompt: [],
    promptTokens: 0,
    trimmed: false,
    needsTitle: false,
    maxOutputTokens: 100,
    holdMicros: Math.max(life.wish, life.minimum),
    minimumMicros: life.minimum,
    grant: life.due > 0 ? grant : null,
    requestsPerMinute: life.perMinute,
  };
}

const begun = (heldMicros: number) => ({ outcome: "started", heldMicros });

async function startOne(actor: Actor): Promise<unknown> {
  const plan = planOf(actor);
  try {
    for (let turn = 0; turn < actor.life.turns; turn++) {
      await world.sql`select take_turn(${requestBucket(actor.person.workspaceId)}, ${actor.life.perMinute}::int,
        ${at.toISOString()}::timestamptz)`;
    }
    const foreseen = { input: actor.input, model: plan.model, message: plan.userMessage };
    return await applyStart(runtime, foreseen, plan, { holdId: newId(), requestId: "test-request", at });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { code: error.code, wait: error.retryAfterSeconds };
  }
}

function finishOne({ life, person, input }: Actor): Promise<unknown> {
  const text = life.tokens === 0 ? "" : "word ".repeat(life.tokens);
  return finishGeneration(runtime, keyOf(person, input), endingOf(life, text));
}

const keyOf = (person: Person, input: StartGeneration) => ({
  generationId: input.generationId,
  conversationId: input.conversationId,
  messageId: input.answerId,
  workspaceId: person.workspaceId,
  userId: person.userId,
});

const endingOf = (life: Life, text: string) => ({
  outcome: life.outcome,
  error: life.outcome === "failed" ? new AppError("model_failed") : null,
  model,
  upstream: "default",
  usage: { promptTokens: 0, cachedTokens: 0, completionTokens: life.tokens, reasoningTokens: 0 },
  countedTokens: life.tokens,
  promptTokens: 0,
  text,
  loggedLength: 0,
  firstTokenMs: 1,
  durationMs: 2,
  requestId: null,
  prompt: [],
});

/** Everything that is written for somebody, without what differs by nature (ids). */
async function describe({ person, input }: Actor): Promise<unknown> {
  const { workspaceId } = person;
  const [row] = await world.sql<{ told: unknown }[]>`
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
      'turns', (select jsonb_agg(jsonb_build_array(tokens, refilled_at)) from rate_buckets where key like '%' || ${workspaceId})
    ) as told`;
  return row?.told;
}

async function play(actors: Actor[], all: (tasks: Task[]) => Promise<unknown[]>) {
  const started = await all(actors.map((actor) => () => startOne(actor)));
  const running = actors.filter((_, index) => JSON.stringify(started[index]).includes("heldMicros"));
  const finish = async (actor: Actor) => {
    // Somebody else was quicker: the reaper, another process.
    if (actor.life.gone) await finishOne({ ...actor, life: { ...actor.life, tokens: 1 } });
    return finishOne(actor);
  };
  const ended = await all(running.map((actor) => () => finish(actor)));
  return { started, ended, told: await Promise.all(actors.map(describe)) };
}

const together = (tasks: Task[]) => Promise.all(tasks.map((task) => task()));
const oneByOne = async (tasks: Task[]) => {
  const results: unknown[] = [];
  for (const task of tasks) results.push(await task());
  return results;
};

test("M2 to M7, M16, M17: whatever starts and ends together comes to what each comes to alone", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyLife, { minLength: 2, maxLength: 12 }), async (lives) => {
      const some = await Promise.all(lives.map(beBorn));
      const others = await Promise.all(lives.map(beBorn));
      const alone = await play(others, oneByOne);
      const joined = await play(some, together);
      expect(joined).toEqual(alone);
      for (const { person } of some) {
        const sums = await sumsOf(world, person.workspaceId);
        expect(sums.entries, "M4").toBe(sums.balance);
        expect(sums.openHolds, "M5").toBe(sums.held);
        expect(sums.brokenGrants + sums.grantEntriesOff, "M4").toBe(0);
      }
    }),
    { numRuns: 30, endOnFailure: true },
  );
}, 120_000);

const rich: Life = {
  credit: 200,
  topUp: 0,
  ending: 0,
  cap: null,
  due: 0,
  wish: 50,
  minimum: 1,
  perMinute: 60,
  turns: 0,
  tokens: 20,
  outcome: "done",
  gone: false,
  conversation: "new",
};

test("twenty answers that start and end at once take a few statements, not twenty", async () => {
  const actors = await Promise.all(Array.from({ length: 20 }, () => beBorn(rich)));
  world.statements.length = 0;
  await Promise.all(actors.map(startOne));
  expect(world.statements.length).toBeLessThanOrEqual(3);
  world.statements.length = 0;
  await Promise.all(actors.map(finishOne));
  expect(world.statements.length).toBeLessThanOrEqual(3);
});

test("two answers of one workspace are written one after the other, and cost the others nothing", async () => {
  const actors = await Promise.all(Array.from({ length: 10 }, () => beBorn(rich)));
  const [first] = actors;
  if (first === undefined) throw new Error("Nobody is there.");
  const second = { ...first, input: question("another question", model) };
  world.statements.length = 0;
  const results = await Promise.all([...actors, second].map(startOne));
  expect(results).toEqual(results.map(() => begun(50)));
  expect(world.statements.length).toBeLessThanOrEqual(3);
  expect(await sumsOf(world, first.person.workspaceId)).toMatchObject({ held: 100, openHolds: 100 });
});

test("one whose conversation is somebody else's is refused alone, and nothing is held for it", async () => {
  const intruder = await beBorn({ ...rich, conversation: "foreign" });
  const others = await Promise.all([beBorn(rich), beBorn({ ...rich, conversation: "own" })]);
  const results = await Promise.all([...others, intruder].map(startOne));
  expect(results).toEqual([...others.map(() => begun(50)), { code: "not_found", wait: undefined }]);
  expect(await sumsOf(world, intruder.person.workspaceId)).toMatchObject({ held: 0, openHolds: 0 });
});

test("one whose ids are taken is refused alone, and the others start", async () => {
  const actors = await Promise.all(Array.from({ length: 5 }, () => beBorn(rich)));
  const [taken, ...others] = actors;
  if (taken === undefined) throw new Error("Nobody is there.");
  await startOne(taken);
  const thief = await beBorn(rich);
  thief.input.answerId = taken.input.answerId;
  const results = await Promise.all([...others, thief].map(startOne));
  expect(results).toEqual([...others.map(() => begun(50)), { code: "conflict", wait: undefined }]);
  expect(await sumsOf(world, thief.person.workspaceId)).toMatchObject({ held: 0, openHolds: 0 });
});

test.each(["its money", "the answer itself"])(
  "nobody waits for one of whom somebody else is changing %s, and that one gets its turn",
  async (what) => {
    const actors = await Promise.all(Array.from({ length: 4 }, () => beBorn(rich)));
    const [stuck, ...others] = actors;
    if (stuck === undefined) throw new Error("Nobody is there.");
    const other = connect(world.url, { max: 1 });
    for (const act of [startOne, finishOne]) {
      const letGo = Promise.withResolvers<void>();
      const locked = Promise.withResolvers<void>();
      const holding = other.sql.begin(async (tx) => {
        const { workspaceId } = stuck.person;
        if (what === "its money" || act === startOne)
          await tx`select 1 from balances where workspace_id = ${workspaceId} for update`;
        else await tx`select 1 from generations where workspace_id = ${workspaceId} for update`;
        locked.resolve();
        await letGo.promise;
      });
      await locked.promise;
      let isDone = false;
      const waiting = Promise.resolve(act(stuck)).finally(() => {
        isDone = true;
      });
      const results = await Promise.all(others.map(act));
      expect(results).toHaveLength(3);
      expect(isDone).toBe(false);
      letGo.resolve();
      await holding;
      expect(await waiting).toEqual(results[0]);
    }
    await other.sql.end();
  },
);

test("the same request sent five times at once starts one answer", async () => {
  const actor = await beBorn(rich);
  const results = await Promise.all(Array.from({ length: 5 }, () => startOne(actor)));
  expect(
    results.filter((result) => JSON.stringify(result) !== JSON.stringify({ outcome: "replay" })),
  ).toEqual([begun(50)]);
  expect(await sumsOf(world, actor.person.workspaceId)).toMatchObject({ held: 50, openHolds: 50 });
});
