import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { requestBucket } from "#lib/chat/api-credit.ts";
import { applyStart, type StartOutcome } from "#lib/chat/apply-start.ts";
import { decideStart } from "#lib/chat/decide-start.ts";
import { foreseeStart } from "#lib/chat/foresee-start.ts";
import { gatherStart } from "#lib/chat/gather-start.ts";
import type { ChatRuntime } from "#lib/chat/runtime.ts";
import type { StartGeneration } from "#lib/chat/stream-events.ts";
import { AppError } from "#lib/core/errors.ts";
import { newId } from "#lib/core/ids.ts";
import { openOverage } from "#lib/usage/overage.ts";
import {
  addPerson,
  type ChatWorld,
  createChatWorld,
  type Person,
  question,
} from "#tests/integration/chat/chat-world.ts";
import { sumsOf } from "#tests/integration/usage/workspace.ts";

// Where nothing is to be decided, one statement looks everything up and starts the answer. Whatever the request and whoever sends
// it, that comes to what is decided (in decide-start.ts) and then written.

let world: ChatWorld;
let runtime: ChatRuntime;
const day = 86_400_000;

beforeAll(async () => {
  world = await createChatWorld();
  runtime = world.addInstance();
});
afterAll(() => world.close());

type Days = number | null;
type Subscription = {
  status: string;
  lookupKey: string | null;
  hasOverageItem: boolean;
  cancelAtPeriodEnd: boolean;
  cancelIn: Days;
  trialEndsIn: Days;
  pastDueSince: Days;
  periodEndsIn: number;
};
type Said = { role: "user" | "assistant"; tokens: number; content: string; status: string };
type Scene = {
  session: "open" | "revoked" | "expired";
  subscription: Subscription | null;
  creditMicros: number;
  isFreeGiven: boolean;
  overageCap: number | null;
  model: string;
  conversation: "new" | "own" | "foreign" | "deleted";
  branch: Said[];
  parent: "leaf" | "nowhere" | "elsewhere";
  isAskedAgain: boolean;
  generation: "new" | "own" | "foreign";
  turnsLeft: number | null;
  text: string;
};

/** Nothing about it is to be decided. */
const plain: Scene = {
  session: "open",
  subscription: null,
  creditMicros: 5_000_000,
  isFreeGiven: true,
  overageCap: null,
  model: "gpt-4.1-mini",
  conversation: "own",
  branch: [],
  parent: "leaf",
  isAskedAgain: false,
  generation: "new",
  turnsLeft: null,
  text: "hello",
};

const days = fc.option(fc.integer({ min: -4, max: 4 }));
const subscription: fc.Arbitrary<Subscription> = fc.record({
  status: fc.constantFrom(
    "active",
    "active",
    "active",
    "trialing",
    "past_due",
    "canceled",
    "unpaid",
    "incomplete",
  ),
  lookupKey: fc.constantFrom(
    "pro_month",
    "pro_month",
    "enterprise_year",
    "unheard_of",
    "overage_month",
    null,
  ),
  hasOverageItem: fc.boolean(),
  cancelAtPeriodEnd: fc.boolean(),
  cancelIn: fc.oneof(fc.constant(null), days),
  trialEndsIn: days,
  pastDueSince: days,
  periodEndsIn: fc.constantFrom(2, -1),
});
const tokens = fc.oneof(
  { weight: 4, arbitrary: fc.nat(500) },
  { weight: 1, arbitrary: fc.integer({ min: 1_030_000, max: 1_046_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1_046_000, max: 1_048_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 100_000, max: 600_000 }) },
);
const branch: fc.Arbitrary<Said[]> = fc.array(
  fc.record({
    role: fc.constantFrom("user" as const, "assistant" as const),
    tokens,
    content: fc.constantFrom("some words", "some words", ""),
    status: fc.constantFrom("done", "done", "stopped", "failed", "streaming"),
  }),
  { minLength: 1, maxLength: 5 },
);
const odd: { [K in keyof Scene]: fc.Arbitrary<Scene[K]> } = {
  session: fc.constantFrom("revoked", "expired"),
  subscription,
  creditMicros: fc.integer({ min: 1, max: 40_000 }),
  isFreeGiven: fc.constant(false),
  overageCap: fc.nat(2_000_000),
  model: fc.constantFrom("gpt-5.4", "gpt-5.5", "text-embedding-3-small", "unheard-of"),
  conversation: fc.constantFrom("new", "foreign", "deleted"),
  branch,
  parent: fc.constantFrom("nowhere", "elsewhere"),
  isAskedAgain: fc.constant(true),
  generation: fc.constantFrom("own", "foreign"),
  turnsLeft: fc.constantFrom(0, 1),
  text: fc.string({ minLength: 1, maxLength: 100 }),
};
const names: string[] = Object.keys(odd);
const pairs: string[][] = [
  ["subscription"],
  ["subscription", "model"],
  ["branch"],
  ["creditMicros", "overageCap"],
];
/** A plain scene in which some things are otherwise: few, so that each shows, and what decides together comes up together. */
const anyScene: fc.Arbitrary<Scene> = fc
  .tuple(
    fc.record(odd),
    fc.oneof(
      fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 3, size: "max" }),
      fc.constantFrom(...pairs),
    ),
  )
  .map(([oddities, chosen]) => ({
    ...plain,
    ...Object.fromEntries(Object.entries(oddities).filter(([name]) => chosen.includes(name))),
  }));

type Actor = { scene: Scene; person: Person; input: StartGeneration };

async function enter(scene: Scene, at: Date): Promise<Actor> {
  const person = await addPerson(world, scene.creditMicros);
  const { sql } = world;
  const later = (inDays: Days) =>
    inDays === null ? null : new Date(at.getTime() + inDays * day).toISOString();
  if (scene.session === "revoked")
    await sql`update sessions set revoked_at = ${at.toISOString()} where id = ${person.sessionId}`;
  if (scene.session === "expired")
    await sql`update sessions set expires_at = ${at.toISOString()} where id = ${person.sessionId}`;
  if (!scene.isFreeGiven)
    await sql`update grants set source_key = 'manual:test' where workspace_id = ${person.workspaceId}`;
  if (scene.subscription !== null) await subscribe(person, scene.subscription, later);
  if (scene.overageCap !== null) {
    const window = { startsAt: new Date(at.getTime() - day), endsAt: new Date(at.getTime() + day) };
    await openOverage(world.db, person.workspaceId, { ...window, capMicros: scene.overageCap });
  }
  if (scene.turnsLeft !== null)
    await sql`insert into rate_buckets (key, tokens, refilled_at)
      values (${requestBucket(person.workspaceId)}, ${scene.turnsLeft}, ${at.toISOString()})`;
  const input = question(scene.text.trim() || "hello", scene.model, await converse(scene, person, at));
  const isAskedAgain = scene.isAskedAgain && input.parentId !== null;
  const actor = { scene, person, input: isAskedAgain ? { ...input, message: null } : input };
  if (scene.generation !== "new") await sendBefore(actor, at);
  return actor;
}

async function subscribe(
  { workspaceId }: Person,
  subscription: Subscription,
  later: (inDays: Days) => string | null,
): Promise<void> {
  const { sql } = world;
  const { status, lookupKey, cancelAtPeriodEnd, cancelIn, trialEndsIn, pastDueSince } = subscription;
  const id = `sub_${newId()}`;
  await sql`
    insert into subscriptions (id, workspace_id, status, cancel_at_period_end, cancel_at, trial_ends_at, past_due_since, created_at,
      synced_at)
    values (${id}, ${workspaceId}, ${status}, ${cancelAtPeriodEnd}, ${later(cancelIn)}, ${later(trialEndsIn)}, ${later(pastDueSince)},
      ${later(-10)}, ${later(-1)})`;
  const keys = subscription.hasOverageItem ? ["overage_month", lookupKey] : [lookupKey];
  for (const [index, key] of keys.entries())
    await sql`
      insert into subscription_items (id, subscription_id, price_id, lookup_key, quantity, period_start, period_end)
      values (${`si_${index}_${id}`}, ${id}, 'price_x', ${key}, 1, ${later(-10)}, ${later(subscription.periodEndsIn)})`;
}

type Place = { conversationId: string; parentId: string | null };

/** @returns where the question is asked */
async function converse(scene: Scene, person: Person, at: Date): Promise<Place> {
  const { sql } = world;
  const conversationId = newId();
  if (scene.conversation === "new")
    return { conversationId, parentId: scene.branch.length === 0 ? null : newId() };
  const owner = scene.conversation === "foreign" ? await addPerson(world) : person;
  const begun = at.toISOString();
  await sql`
    insert into conversations (id, workspace_id, user_id, title, model, created_at, updated_at, deleted_at)
    values (${conversationId}, ${owner.workspaceId}, ${owner.userId}, 'Earlier', 'gpt-4.1-mini', ${begun}, ${begun},
      ${scene.conversation === "deleted" ? begun : null})`;
  let parentId: string | null = null;
  for (const { role, tokens, content, status } of scene.branch) {
    const id = newId();
    await sql`
      insert into messages (id, workspace_id, conversation_id, parent_id, role, parts, content, tokens, status, created_at)
      values (${id}, ${owner.workspaceId}, ${conversationId}, ${parentId}, ${role}, '[]', ${content}, ${tokens}, ${status}, ${begun})`;
    parentId = id;
  }
  if (scene.parent === "nowhere") return { conversationId, parentId: newId() };
  return { conversationId: scene.parent === "elsewhere" ? newId() : conversationId, parentId };
}

/** The same request was sent before, by this person or by somebody else. */
async function sendBefore({ scene, person, input }: Actor, at: Date): Promise<void> {
  const sender = scene.generation === "own" ? person : await addPerson(world, 5_000_000);
  const earlier = { ...question("sent before", "gpt-4.1-mini"), generationId: input.generationId };
  await twice(sender, earlier, at).catch(() => undefined);
}

type Result = { told: StartOutcome | { code: string } | "replay"; isAtOnce: boolean };

/** As the product does it. */
async function once(person: Person, input: StartGeneration, at: Date): Promise<Result> {
  let isAtOnce = false;
  const told = await inWords(async () => {
    const foreseen = foreseeStart(input);
    const beginning = { holdId: newId(), requestId: "test-request", at };
    const { gathered, outcome } = await gatherStart(runtime, person, foreseen, beginning);
    isAtOnce = outcome !== null;
    const decision = decideStart(foreseen, gathered, at);
    if (decision.kind === "replay") return "replay";
    return outcome ?? applyStart(runtime, foreseen, decision.plan, beginning);
  });
  return { told, isAtOnce };
}

/** Looked up, decided, written, one after the other: without its message a request is never plain. */
async function twice(person: Person, input: StartGeneration, at: Date): Promise<Result> {
  const told = await inWords(async () => {
    const foreseen = foreseeStart(input);
    const beginning = { holdId: newId(), requestId: "test-request", at };
    const { gathered, outcome } = await gatherStart(
      runtime,
      person,
      { ...foreseen, message: null },
      beginning,
    );
    expect(outcome).toBeNull();
    const decision = decideStart(foreseen, gathered, at);
    return decision.kind === "replay" ? "replay" : applyStart(runtime, foreseen, decision.plan, beginning);
  });
  return { told, isAtOnce: false };
}

async function inWords(work: () => Promise<StartOutcome | "replay">): Promise<Result["told"]> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { code: error.code };
  }
}

/** Everything that was written for somebody, without what differs by nature (ids, and a conversation's place in time). */
async function written({ person, input }: Actor): Promise<unknown> {
  const { workspaceId } = person;
  const [row] = await world.sql<{ told: unknown }[]>`
    select jsonb_build_object(
      'balance', (select jsonb_build_array(balance_micros, held_micros) from balances where workspace_id = ${workspaceId}),
      'grants', (select jsonb_agg(jsonb_build_array(kind, amount_micros, remaining_micros) order by amount_micros, kind)
        from grants where workspace_id = ${workspaceId}),
      'holds', (select jsonb_agg(jsonb_build_array(model, amount_micros, overage_micros, rates, expires_at - taken_at) order by model,
        amount_micros) from holds where workspace_id = ${workspaceId}),
      'turns', (select jsonb_agg(tokens) from rate_buckets where key = ${requestBucket(workspaceId)}),
      'conversations', (select jsonb_agg(jsonb_build_array(title, title_source, model, active_leaf_id = ${input.answerId},
        deleted_at is null) order by title, model) from conversations where workspace_id = ${workspaceId}),
      'messages', (select jsonb_agg(jsonb_build_array(m.role, m.status, m.content, m.parts, m.tokens, m.model, p.content, p.role,
          m.conversation_id = ${input.conversationId}, c.workspace_id = m.workspace_id)
          order by m.created_at, m.role, m.content, m.tokens)
        from messages m join conversations c on c.id = m.conversation_id left join messages p on p.id = m.parent_id
        where m.workspace_id = ${workspaceId}),
      'generations', (select jsonb_agg(jsonb_build_array(g.status, g.model, g.prompt_tokens, g.instance_id, g.request_id,
          g.message_id = ${input.answerId}, g.user_id = ${person.userId}, m.conversation_id = g.conversation_id,
          m.workspace_id = g.workspace_id, h.subject_id = g.id and h.workspace_id = g.workspace_id) order by g.prompt_tokens)
        from generations g join messages m on m.id = g.message_id join holds h on h.id = g.hold_id
        where g.workspace_id = ${workspaceId})
    ) as told`;
  return row?.told;
}

test("M2, M5, M9, M13, M16: what is started at once is what would have been decided, whatever the request and whoever sends it", async () => {
  const seen = { atOnce: 0, decided: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(anyScene, async (scene) => {
      const at = new Date();
      const [one, other] = [await enter(scene, at), await enter(scene, at)];
      const asked = await once(one.person, one.input, at);
      const decided = await twice(other.person, other.input, at);
      expect(asked.told).toEqual(decided.told);
      expect(await written(one)).toEqual(await written(other));
      const sums = await sumsOf(world, one.person.workspaceId);
      expect(sums.openHolds, "M5").toBe(sums.held);
      const isStarted = JSON.stringify(asked.told).includes("started");
      seen[asked.isAtOnce ? "atOnce" : isStarted ? "decided" : "refused"] += 1;
    }),
    { numRuns: 500, endOnFailure: true },
  );
  // Otherwise the scenes would show nothing.
  expect(Math.min(seen.atOnce, seen.decided, seen.refused)).toBeGreaterThan(30);
}, 180_000);
