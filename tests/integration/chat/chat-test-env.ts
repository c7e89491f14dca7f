import { vi } from "vitest";
import { connect } from "#db/client.ts";
import { createSession } from "#lib/accounts/sessions.ts";
import { createUser } from "#lib/accounts/users.ts";
import { freeAllowance } from "#lib/billing/entitlements/entitlements.ts";
import { type ChatRuntime, createRuntime } from "#lib/chat/generation/runtime.ts";
import { shutDownGenerations } from "#lib/chat/generation/shut-down.ts";
import type { NumberedEvent, StartGeneration } from "#lib/chat/generation/stream-events.ts";
import { startGeneration } from "#lib/chat/start/start-generation.ts";
import { now } from "#lib/core/clock.ts";
import { newId } from "#lib/core/ids.ts";
import { grantCredit } from "#lib/usage/grants.ts";
import { startOpenAiSandbox } from "#sandbox/openai/server.ts";
import { createTestDatabase } from "#tests/database.ts";
import { testEnvironment } from "#tests/integration/accounts/environment.ts";

/** Options of expect.poll that allow for a busy machine. */
export const pollOptions = { timeout: 20_000 };

export type TestUser = { userId: string; workspaceId: string; sessionId: string };
type EndEvent = Extract<NumberedEvent["event"], { type: "end" }>;
export type ReadResult = { text: string; reasoning: string; titles: string[]; end: EndEvent | undefined };

/** Short enough for tests, long enough for a slow machine. */
const timings = { flushMs: 30, heartbeatMs: 100, pollMs: 100, readerHeartbeatMs: 200, deadAfterMs: 30_000 };

/**
 * Starts a database and the OpenAI sandbox, over which `addInstance` creates chat runtimes.
 * @param pace how fast models write; by default without pauses
 */
export async function startChatTestEnv(pace = { tokensPerSecond: 0, firstTokenMs: 0 }) {
  const statements: string[] = [];
  const database = await createTestDatabase((text) => statements.push(text));
  const models = await startOpenAiSandbox({ port: 0, ...pace });
  for (const [name, value] of Object.entries(testEnvironment)) vi.stubEnv(name, value);
  vi.stubEnv("DATABASE_URL", database.url);
  vi.stubEnv("OPENAI_BASE_URL", models.url);
  vi.stubEnv("OPENAI_API_KEY", "sk-sandbox-chat-tests");
  const runtimes: { runtime: ChatRuntime; end: () => Promise<void> }[] = [];

  /** Adds an instance with its own connections. */
  function addInstance(timeouts = {}): ChatRuntime {
    const connection = connect(database.url, { max: 10, onStatement: (text) => statements.push(text) });
    const instanceId = `instance-${runtimes.length}/1/${newId()}`;
    const runtime = createRuntime({ connection, timings, timeouts, instanceId });
    runtimes.push({ runtime, end: () => connection.sql.end({ timeout: 5 }) });
    return runtime;
  }

  async function close(): Promise<void> {
    for (const { runtime, end } of runtimes) {
      await shutDownGenerations(runtime);
      await end();
    }
    await models.stop();
    await database.drop();
    vi.unstubAllEnvs();
  }

  return { ...database, models, statements, addInstance, close };
}

export type ChatTestEnv = Awaited<ReturnType<typeof startChatTestEnv>>;

/** Creates a user with a session and this much credit. The Free allowance of the month counts as granted. */
export async function addUser(env: ChatTestEnv, creditMicros = 1_000_000): Promise<TestUser> {
  const at = now();
  const user = await createUser(
    env.db,
    { email: `${newId()}@parley.example`, name: "Test", emailVerifiedAt: at },
    at,
  );
  if (user === null) throw new Error("The email address is taken.");
  const { sessionId } = await createSession(env.db, { userId: user.userId, userAgent: null }, at);
  const startsAt = new Date(at.getTime() - 1_000);
  const expiresAt = new Date(at.getTime() + 86_400_000);
  // Under the source key of the Free allowance, so that a start grants nothing more.
  const { kind, sourceKey } = freeAllowance(at, at);
  const grant = { kind, startsAt, expiresAt, amountMicros: Math.max(1, creditMicros), sourceKey };
  await grantCredit(env.db, user.workspaceId, grant, at);
  return { ...user, sessionId };
}

/** Returns the request of a first message; `more` overrides its fields. */
export function startInput(
  text: string,
  model: string,
  more: Partial<StartGeneration> = {},
): StartGeneration {
  return {
    generationId: newId(),
    conversationId: newId(),
    parentId: null,
    message: { id: newId(), text },
    answerId: newId(),
    model,
    ...more,
  };
}

export function start(runtime: ChatRuntime, user: TestUser, input: StartGeneration) {
  return startGeneration(user, input, "test-request", runtime);
}

type Reader = AsyncIterable<NumberedEvent | "heartbeat">;

/**
 * Reads to the end, or until `enough` or `enoughOf` returns true. Checks that every id is the length of
 * thinking and text.
 */
export async function readToEnd(
  reader: Reader,
  text = "",
  enough?: (text: string) => boolean,
  enoughOf?: (result: ReadResult) => boolean,
  reasoning = "",
): Promise<ReadResult> {
  const result: ReadResult = { text, reasoning, titles: [], end: undefined };
  for await (const item of reader) {
    if (item === "heartbeat") continue;
    const { id, event } = item;
    if (event.type === "text") result.text += event.text;
    if (event.type === "reasoning") result.reasoning += event.text;
    if (event.type === "title") result.titles.push(event.title);
    if (event.type === "end") result.end = event;
    const length = result.text.length + result.reasoning.length;
    if ((event.type === "text" || event.type === "reasoning") && id !== length)
      throw new Error(`The id ${id} is not the length ${length}.`);
    if (enough?.(result.text) || enoughOf?.(result)) break;
  }
  return result;
}

/** Starts a generation and reads it to its end. */
export async function generate(
  runtime: ChatRuntime,
  user: TestUser,
  input: StartGeneration,
): Promise<ReadResult> {
  const started = await start(runtime, user, input);
  return readToEnd(await started.read(0, new AbortController().signal));
}

/** Reads a workspace's balance, holds and charges. */
export async function readCredit(env: ChatTestEnv, user: TestUser) {
  const [row] = await env.sql<
    { balance: number; held: number; spent: number; charges: number; open: number }[]
  >`
    select b.balance_micros::float8 as balance, b.held_micros::float8 as held,
      (select coalesce(sum(charged_micros), 0) from holds where workspace_id = b.workspace_id)::float8 as spent,
      (select count(*) from openai_interactions where workspace_id = b.workspace_id and charged_micros > 0)::int as charges,
      (select count(*) from holds where workspace_id = b.workspace_id and state = 'held')::int as open
    from balances b where b.workspace_id = ${user.workspaceId}`;
  if (row === undefined) throw new Error("The workspace has no balance.");
  return row;
}

/** Reads the stored message of a generation. */
export async function readStoredAnswer(env: ChatTestEnv, input: StartGeneration) {
  const [row] = await env.sql<
    { text: string; status: string; tokens: number; generation: string; errorCode: string | null }[]
  >`
    select m.content as text, m.status, m.tokens, g.status as generation, g.error_code as "errorCode"
    from messages m join generations g on g.message_id = m.id where g.id = ${input.generationId}`;
  if (row === undefined) throw new Error("The answer is not stored.");
  return row;
}
