import { vi } from "vitest";
import { connect } from "#db/client.ts";
import { createSession } from "#lib/accounts/sessions.ts";
import { createUser } from "#lib/accounts/users.ts";
import type { NumberedEvent } from "#lib/chat/live-answer.ts";
import { type ChatRuntime, createRuntime } from "#lib/chat/runtime.ts";
import { shutDownGenerations } from "#lib/chat/shut-down.ts";
import { startGeneration } from "#lib/chat/start-generation.ts";
import type { StartGeneration } from "#lib/chat/stream-events.ts";
import { now } from "#lib/core/clock.ts";
import { newId } from "#lib/core/ids.ts";
import { grantCredit } from "#lib/usage/grants.ts";
import { startOpenAiSandbox } from "#sandbox/openai/server.ts";
import { createTestDatabase } from "#tests/database.ts";
import { testEnvironment } from "#tests/integration/accounts/environment.ts";

/** How long a test waits for what must come: machines are shared. */
export const soon = { timeout: 20_000 };

export type Person = { userId: string; workspaceId: string; sessionId: string };
type EndEvent = Extract<NumberedEvent["event"], { type: "end" }>;
export type Heard = { text: string; titles: string[]; end: EndEvent | undefined };

/** Times short enough for tests, long enough for a slow machine. */
const timings = { flushMs: 30, heartbeatMs: 100, pollMs: 100, readerHeartbeatMs: 200, deadAfterMs: 30_000 };

/**
 * A database, the sandbox's models behind real HTTP, and instances of the chat over them.
 * @param pace how fast models write; by default as fast as they can
 */
export async function createChatWorld(pace = { tokensPerSecond: 0, firstTokenMs: 0 }) {
  const statements: string[] = [];
  const database = await createTestDatabase((text) => statements.push(text));
  const models = await startOpenAiSandbox({ port: 0, ...pace });
  for (const [name, value] of Object.entries(testEnvironment)) vi.stubEnv(name, value);
  vi.stubEnv("DATABASE_URL", database.url);
  vi.stubEnv("OPENAI_BASE_URL", models.url);
  vi.stubEnv("OPENAI_API_KEY", "sk-sandbox-chat-tests");
  const runtimes: { runtime: ChatRuntime; end: () => Promise<void> }[] = [];

  /** Another instance, on connections of its own. */
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

export type ChatWorld = Awaited<ReturnType<typeof createChatWorld>>;

/** A person with a session and so much credit; none: not even Free's, which counts as given already. */
export async function addPerson(world: ChatWorld, creditMicros = 1_000_000): Promise<Person> {
  const at = now();
  const user = await createUser(world.db, { email: `${newId()}@parley.example`, name: "Test" }, at);
  if (user === null) throw new Error("The address was taken.");
  const { sessionId } = await createSession(world.db, { userId: user.userId, userAgent: null }, at);
  const startsAt = new Date(at.getTime() - 1_000);
  const expiresAt = new Date(at.getTime() + 86_400_000);
  const month = { kind: "allowance" as const, startsAt, expiresAt };
  // Under the key of Free's own month, so that no other credit comes in.
  const grant = { ...month, amountMicros: Math.max(1, creditMicros), sourceKey: "free:test" };
  await grantCredit(world.db, user.workspaceId, grant, at);
  return { ...user, sessionId };
}

/** A first question; with `after`, the next one of a conversation. */
export function question(text: string, model: string, more: Partial<StartGeneration> = {}): StartGeneration {
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

export function start(runtime: ChatRuntime, person: Person, input: StartGeneration) {
  return startGeneration(person, input, "test-request", runtime);
}

type Reader = AsyncIterable<NumberedEvent | "heartbeat">;

/** Reads to the end, or until `enough` says so; checks on the way that every id is the length of what was heard. */
export async function hear(reader: Reader, already = "", enough?: (text: string) => boolean): Promise<Heard> {
  const heard: Heard = { text: already, titles: [], end: undefined };
  for await (const item of reader) {
    if (item === "heartbeat") continue;
    if (item.event.type === "text") heard.text += item.event.text;
    if (item.event.type === "title") heard.titles.push(item.event.title);
    if (item.event.type === "end") heard.end = item.event;
    if (item.event.type === "text" && item.id !== heard.text.length) {
      throw new Error(`The id ${item.id} is not the length ${heard.text.length}.`);
    }
    if (enough?.(heard.text)) break;
  }
  return heard;
}

/** Asks and waits for the whole answer. */
export async function ask(runtime: ChatRuntime, person: Person, input: StartGeneration): Promise<Heard> {
  const started = await start(runtime, person, input);
  return hear(await started.read(0, new AbortController().signal));
}

/** How a workspace's money stands: what it has, what is held, what was charged, and how often. */
export async function readMoney(world: ChatWorld, person: Person) {
  const [row] = await world.sql<
    { balance: number; held: number; spent: number; charges: number; open: number }[]
  >`
    select b.balance_micros::float8 as balance, b.held_micros::float8 as held,
      (select coalesce(sum(charged_micros), 0) from holds where workspace_id = b.workspace_id)::float8 as spent,
      (select count(*) from openai_interactions where workspace_id = b.workspace_id and charged_micros > 0)::int as charges,
      (select count(*) from holds where workspace_id = b.workspace_id and state = 'held')::int as open
    from balances b where b.workspace_id = ${person.workspaceId}`;
  if (row === undefined) throw new Error("The workspace has no balance.");
  return row;
}

/** A message and its generation as they are kept. */
export async function readAnswer(world: ChatWorld, input: StartGeneration) {
  const [row] = await world.sql<
    { text: string; status: string; tokens: number; generation: string; errorCode: string | null }[]
  >`
    select m.content as text, m.status, m.tokens, g.status as generation, g.error_code as "errorCode"
    from messages m join generations g on g.message_id = m.id where g.id = ${input.generationId}`;
  if (row === undefined) throw new Error("The answer is not kept.");
  return row;
}
