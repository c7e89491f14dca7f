import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { requestBucket } from "#lib/chat/generation/request-bucket.ts";
import type { ChatRuntime } from "#lib/chat/generation/runtime.ts";
import type { StartGeneration } from "#lib/chat/generation/stream-events.ts";
import { type CommitResult, commitGeneration } from "#lib/chat/start/commit-generation.ts";
import { loadGeneration } from "#lib/chat/start/load-generation.ts";
import { type Preparation, prepareGeneration } from "#lib/chat/start/prepare-generation.ts";
import { toStartRequest } from "#lib/chat/start/start-request.ts";
import { AppError } from "#lib/core/errors.ts";
import { newId } from "#lib/core/ids.ts";
import { readBalance } from "#lib/usage/balance.ts";
import { openOverage } from "#lib/usage/overage.ts";
import {
  addUser,
  type ChatTestEnv,
  startChatTestEnv,
  startInput,
  type TestUser,
} from "#tests/integration/chat/chat-test-env.ts";
import { sumsOf } from "#tests/integration/usage/workspace.ts";
import { randomRuns } from "#tests/random-budget.ts";

// Starting a generation is load, prepare (pure) and commit. For any request and any state of the workspace,
// the commit does what the prepared generation and the available credit imply.

let env: ChatTestEnv;
let runtime: ChatRuntime;
const day = 86_400_000;

beforeAll(async () => {
  env = await startChatTestEnv();
  runtime = env.addInstance();
});
afterAll(() => env.close());

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
type BranchMessage = { role: "user" | "assistant"; tokens: number; content: string; status: string };
type Scene = {
  session: "open" | "revoked" | "expired";
  subscription: Subscription | null;
  creditMicros: number;
  isFreeGranted: boolean;
  overageCap: number | null;
  model: string;
  conversation: "new" | "own" | "foreign" | "deleted";
  branch: BranchMessage[];
  parent: "leaf" | "unknown" | "other_conversation";
  isRegeneration: boolean;
  generation: "new" | "own" | "foreign";
  tokensLeft: number | null;
  text: string;
};

/** A request that starts. */
const usualScene: Scene = {
  session: "open",
  subscription: null,
  creditMicros: 5_000_000,
  isFreeGranted: true,
  overageCap: null,
  model: "gpt-4.1-mini",
  conversation: "own",
  branch: [],
  parent: "leaf",
  isRegeneration: false,
  generation: "new",
  tokensLeft: null,
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
    "unknown_price",
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
const branch: fc.Arbitrary<BranchMessage[]> = fc.array(
  fc.record({
    role: fc.constantFrom("user" as const, "assistant" as const),
    tokens,
    content: fc.constantFrom("some words", "some words", ""),
    status: fc.constantFrom("done", "done", "stopped", "failed", "streaming"),
  }),
  { minLength: 1, maxLength: 5 },
);
const variations: { [K in keyof Scene]: fc.Arbitrary<Scene[K]> } = {
  session: fc.constantFrom("revoked", "expired"),
  subscription,
  creditMicros: fc.oneof(fc.constantFrom(1, 2, 3), fc.integer({ min: 1, max: 40_000 })),
  isFreeGranted: fc.constant(false),
  overageCap: fc.nat(2_000_000),
  model: fc.constantFrom("gpt-5.4", "gpt-5.5", "text-embedding-3-small", "unknown-model"),
  conversation: fc.constantFrom("new", "foreign", "deleted"),
  branch,
  parent: fc.constantFrom("unknown", "other_conversation"),
  isRegeneration: fc.constant(true),
  generation: fc.constantFrom("own", "foreign"),
  tokensLeft: fc.constantFrom(0, 1),
  text: fc.string({ minLength: 1, maxLength: 100 }),
};
const names: string[] = Object.keys(variations);
const pairs: string[][] = [
  ["subscription"],
  ["subscription", "model"],
  ["branch"],
  ["creditMicros", "overageCap"],
];
/** The usual scene with one to three variations, so that each is decisive; some pairs decide together. */
const anyScene: fc.Arbitrary<Scene> = fc
  .tuple(
    fc.record(variations),
    fc.oneof(
      fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 3, size: "max" }),
      fc.constantFrom(...pairs),
    ),
  )
  .map(([varied, chosen]) => ({
    ...usualScene,
    ...Object.fromEntries(Object.entries(varied).filter(([name]) => chosen.includes(name))),
  }));

/** `isSent`: a generation with the id of the request exists. */
type Actor = { scene: Scene; user: TestUser; input: StartGeneration; at: Date; isSent: boolean };

async function enter(scene: Scene): Promise<Actor> {
  const user = await addUser(env, scene.creditMicros);
  // After the user exists, so that the grant runs at this moment on a slow machine too.
  const at = new Date();
  const { sql } = env;
  const later = (inDays: Days) =>
    inDays === null ? null : new Date(at.getTime() + inDays * day).toISOString();
  if (scene.session === "revoked")
    await sql`update sessions set revoked_at = ${at.toISOString()} where id = ${user.sessionId}`;
  if (scene.session === "expired")
    await sql`update sessions set expires_at = ${at.toISOString()} where id = ${user.sessionId}`;
  if (!scene.isFreeGranted)
    await sql`update grants set source_key = 'manual:test' where workspace_id = ${user.workspaceId}`;
  if (scene.subscription !== null) await subscribe(user, scene.subscription, later);
  if (scene.overageCap !== null) {
    const window = { startsAt: new Date(at.getTime() - day), endsAt: new Date(at.getTime() + day) };
    await openOverage(env.db, user.workspaceId, { ...window, capMicros: scene.overageCap });
  }
  if (scene.tokensLeft !== null)
    await sql`insert into rate_buckets (key, tokens, refilled_at)
      values (${requestBucket(user.workspaceId)}, ${scene.tokensLeft}, ${at.toISOString()})`;
  const place = await writeConversation(scene, user, at);
  const input = startInput(scene.text.trim() || "hello", scene.model, place);
  const isRegeneration = scene.isRegeneration && input.parentId !== null;
  const actor = {
    scene,
    user,
    input: isRegeneration ? { ...input, message: null } : input,
    at,
    isSent: false,
  };
  return scene.generation === "new" ? actor : { ...actor, isSent: await sendEarlier(actor) };
}

async function subscribe(
  { workspaceId }: TestUser,
  subscription: Subscription,
  later: (inDays: Days) => string | null,
): Promise<void> {
  const { sql } = env;
  const { status, lookupKey, cancelAtPeriodEnd, cancelIn, trialEndsIn, pastDueSince } = subscription;
  const id = `sub_${newId()}`;
  await sql`
    insert into subscriptions (id, workspace_id, stripe_customer_id, status, cancel_at_period_end, cancel_at, trial_ends_at, past_due_since, created_at,
      synced_at)
    values (${id}, ${workspaceId}, 'cus_x', ${status}, ${cancelAtPeriodEnd}, ${later(cancelIn)}, ${later(trialEndsIn)}, ${later(pastDueSince)},
      ${later(-10)}, ${later(-1)})`;
  const keys = subscription.hasOverageItem ? ["overage_month", lookupKey] : [lookupKey];
  for (const [index, key] of keys.entries())
    await sql`
      insert into subscription_items (id, subscription_id, price_id, lookup_key, quantity, period_start, period_end)
      values (${`si_${index}_${id}`}, ${id}, 'price_x', ${key}, 1, ${later(-10)}, ${later(subscription.periodEndsIn)})`;
}

type Place = { conversationId: string; parentId: string | null };

/** Writes the conversation of a scene. Returns where the request's message goes. */
async function writeConversation(scene: Scene, user: TestUser, at: Date): Promise<Place> {
  const { sql } = env;
  const conversationId = newId();
  if (scene.conversation === "new")
    return { conversationId, parentId: scene.branch.length === 0 ? null : newId() };
  const owner = scene.conversation === "foreign" ? await addUser(env) : user;
  const createdAt = at.toISOString();
  await sql`
    insert into conversations (id, workspace_id, user_id, title, model, created_at, updated_at, deleted_at)
    values (${conversationId}, ${owner.workspaceId}, ${owner.userId}, 'Earlier', 'gpt-4.1-mini', ${createdAt}, ${createdAt},
      ${scene.conversation === "deleted" ? createdAt : null})`;
  let parentId: string | null = null;
  for (const { role, tokens, content, status } of scene.branch) {
    const id = newId();
    await sql`
      insert into messages (id, workspace_id, conversation_id, parent_id, role, parts, content, tokens, status, created_at)
      values (${id}, ${owner.workspaceId}, ${conversationId}, ${parentId}, ${role}, '[]', ${content}, ${tokens}, ${status}, ${createdAt})`;
    parentId = id;
  }
  if (scene.parent === "unknown") return { conversationId, parentId: newId() };
  return { conversationId: scene.parent === "other_conversation" ? newId() : conversationId, parentId };
}

/**
 * Starts another generation with the same id, for this user or another one. Returns whether it could start.
 */
async function sendEarlier({ scene, user, input, at }: Actor): Promise<boolean> {
  const sender = scene.generation === "own" ? user : await addUser(env, 5_000_000);
  const earlier = { ...startInput("sent before", "gpt-4.1-mini"), generationId: input.generationId };
  const { outcome } = await startSteps(sender, earlier, at, newId());
  return outcome.outcome === "started";
}

type Outcome = CommitResult | { outcome: "refused"; code: string };

/** The three steps of startGeneration, without the call to the model. */
async function startSteps(user: TestUser, input: StartGeneration, at: Date, holdId: string) {
  const request = toStartRequest(input);
  const loaded = await loadGeneration(runtime, user, request, at);
  let preparation: Preparation;
  try {
    preparation = prepareGeneration(request, loaded, at);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const outcome: Outcome = { outcome: "refused", code: error.code };
    return { loaded, generation: null, outcome };
  }
  if (preparation.kind === "replay") {
    const outcome: Outcome = { outcome: "replay" };
    return { loaded, generation: null, outcome };
  }
  const { generation } = preparation;
  const attempt = { holdId, requestId: "test-request", at };
  const commit = () => commitGeneration(runtime, request, generation, attempt);
  const outcome: Outcome = await commit();
  return { loaded, generation, outcome, commit };
}

type Written = {
  holds: number;
  messages: number;
  generations: number;
  leaf: string | null;
  bucket: number | null;
};

async function readWritten({ user, input }: Actor): Promise<Written> {
  const { workspaceId } = user;
  const [row] = await env.sql<Written[]>`
    select (select count(*) from holds where workspace_id = ${workspaceId})::int as holds,
      (select count(*) from messages where workspace_id = ${workspaceId})::int as messages,
      (select count(*) from generations where workspace_id = ${workspaceId})::int as generations,
      (select active_leaf_id from conversations
        where id = ${input.conversationId} and workspace_id = ${workspaceId}) as leaf,
      (select tokens from rate_buckets where key = ${requestBucket(workspaceId)}) as bucket`;
  if (row === undefined) throw new Error("No row.");
  return row;
}

/** The facts that the scene implies, whatever was loaded. */
function expectLoaded(
  { scene, user, input, isSent }: Actor,
  { loaded }: Awaited<ReturnType<typeof startSteps>>,
): void {
  expect(loaded.identity?.workspaceId).toBe(scene.session === "open" ? user.workspaceId : undefined);
  if (loaded.identity === null) return;
  expect(loaded.subscriptions.map(({ status }) => status)).toEqual(
    scene.subscription === null ? [] : [scene.subscription.status],
  );
  const isKnown = scene.conversation !== "new" && !(scene.parent === "other_conversation");
  const usable = scene.conversation === "own";
  expect(loaded.conversation).toEqual(isKnown ? { usable, untitled: true } : null);
  const hasBranch = isKnown && scene.parent === "leaf" && scene.branch.length > 0;
  expect(loaded.branch.messages.at(-1)?.id ?? null).toBe(hasBranch ? input.parentId : null);
  expect(loaded.existing !== null).toBe(isSent);
}

test("M2, M5, M9, M16: a start does what prepared generation, rate limit and credit imply, and a repeat changes nothing", async () => {
  const counts = {
    started: 0,
    refused: 0,
    insufficient_credit: 0,
    credit_reserved: 0,
    too_many_requests: 0,
    replay: 0,
  };
  await fc.assert(
    fc.asyncProperty(anyScene, async (scene) => {
      const actor = await enter(scene);
      const { user, input, at } = actor;
      const before = await readWritten(actor);
      const { availableMicros } = await readBalance(env.db, user.workspaceId, at);
      const { held: heldBefore } = await sumsOf(env, user.workspaceId);
      const holdId = newId();
      const steps = await startSteps(user, input, at, holdId);
      expectLoaded(actor, steps);
      const { generation, outcome } = steps;
      const after = await readWritten(actor);
      const sums = await sumsOf(env, user.workspaceId);
      expect(sums.openHolds, "M5").toBe(sums.held);
      expect(sums.entries, "M4").toBe(sums.balance);
      counts[outcome.outcome] += 1;
      if (generation === null) {
        expect(after).toEqual(before);
        return;
      }
      const isGranted = scene.isFreeGranted || generation.grant === null;
      const credit = availableMicros + (isGranted ? 0 : (generation.grant?.amountMicros ?? 0));
      const { amountMicros, likelyMicros, minimumMicros } = {
        ...generation,
        amountMicros: generation.holdMicros,
      };
      const isReserved = credit + heldBefore >= minimumMicros;
      if (credit < minimumMicros)
        expect(outcome).toEqual({ outcome: isReserved ? "credit_reserved" : "insufficient_credit" });
      else if (before.bucket !== null && before.bucket <= 0)
        expect(outcome).toMatchObject({ outcome: "too_many_requests" });
      else {
        const share = Math.max(likelyMicros, Math.floor(credit / 8));
        const wanted = amountMicros <= Math.floor(credit / 2) ? amountMicros : Math.min(amountMicros, share);
        const heldMicros = Math.max(minimumMicros, Math.min(wanted, credit));
        expect(outcome).toEqual({ outcome: "started", heldMicros });
      }
      if (outcome.outcome !== "started") {
        expect({ ...after, bucket: null }).toEqual({ ...before, bucket: null });
        return;
      }
      expect(after).toEqual({
        holds: before.holds + 1,
        messages: before.messages + (generation.userMessage === null ? 1 : 2),
        generations: before.generations + 1,
        leaf: input.answerId,
        bucket: (before.bucket ?? generation.requestsPerMinute) - 1,
      });
      // The same attempt, because its response was lost, and another attempt with the same id.
      expect(await steps.commit()).toEqual(outcome);
      expect((await startSteps(user, input, at, newId())).outcome).toEqual({ outcome: "replay" });
      expect(await readWritten(actor)).toEqual(after);
    }),
    { numRuns: randomRuns(300, 3_000), endOnFailure: true },
  );
  // Otherwise the scenes would not cover the outcomes.
  expect(Math.min(counts.started, counts.refused)).toBeGreaterThan(30);
  expect(Math.min(counts.insufficient_credit, counts.too_many_requests, counts.replay)).toBeGreaterThan(0);
}, 180_000);

test("concurrent starts of a workspace never hold more than its credit, and grant the free allowance once", async () => {
  const user = await addUser(env, 1);
  await env.sql`update grants set source_key = 'manual:test' where workspace_id = ${user.workspaceId}`;
  const at = new Date();
  const inputs = Array.from({ length: 40 }, () => startInput("hello", "gpt-5.4-mini"));
  const results = await Promise.all(inputs.map((input) => startSteps(user, input, at, newId())));
  const held = results.map(({ outcome }) => (outcome.outcome === "started" ? outcome.heldMicros : 0));
  const total = held.reduce((sum, micros) => sum + micros, 0);
  expect(total).toBeLessThanOrEqual(500_001);
  expect(results.some(({ outcome }) => outcome.outcome === "credit_reserved")).toBe(true);
  expect(await sumsOf(env, user.workspaceId)).toMatchObject({
    held: total,
    openHolds: total,
    balance: 500_001,
  });
});
