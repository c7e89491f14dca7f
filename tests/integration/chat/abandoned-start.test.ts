import type postgres from "postgres";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { connect } from "#db/client.ts";
import { type ChatRuntime, createRuntime } from "#lib/chat/generation/runtime.ts";
import { shutDownGenerations } from "#lib/chat/generation/shut-down.ts";
import {
  addUser,
  type ChatTestEnv,
  readCredit,
  readStoredAnswer,
  start,
  startChatTestEnv,
  startInput,
} from "#tests/integration/chat/chat-test-env.ts";

// A start that fails after its commit, or may have, ends the generation at once: failed, hold released,
// nothing charged.

let env: ChatTestEnv;
const model = "gpt-4.1-mini";
const commitText = "commit_generation_starts";

beforeAll(async () => {
  env = await startChatTestEnv();
});
afterAll(() => env.close());

async function expectAbandoned(runtime: ChatRuntime, failStart: () => Promise<void> | void, code: string) {
  const user = await addUser(env);
  const input = startInput("hello", model);
  await failStart();
  await expect(start(runtime, user, input)).rejects.toThrow();
  expect(await readStoredAnswer(env, input)).toMatchObject({
    generation: "failed",
    errorCode: code,
    text: "",
  });
  expect(await readCredit(env, user)).toMatchObject({ held: 0, open: 0, spent: 0, balance: 1_000_000 });
  expect(runtime.running.size).toBe(0);
  const replay = await env.sql`
    select event from generation_events where generation_id = ${input.generationId}`;
  expect(replay).toHaveLength(1);
}

/** A runtime whose statements pass `intercept`, which may fail after the statement was executed. */
function addInterceptedInstance(intercept: (text: string) => Promise<void> | void) {
  const connection = connect(env.url, { max: 2 });
  const sql = new Proxy(connection.sql, {
    apply: async (target, self, args: unknown[]) => {
      const result = await Reflect.apply(target as (...all: unknown[]) => unknown, self, args);
      await intercept((args[0] as readonly string[]).join("?"));
      return result;
    },
  }) as postgres.Sql; // A proxy of it has its type.
  const runtime = createRuntime({ connection: { ...connection, sql }, instanceId: "intercepted/1/test" });
  return { runtime, end: () => connection.sql.end({ timeout: 5 }) };
}

test("a start whose registration fails after the commit ends the generation at once", async () => {
  const runtime = env.addInstance();
  await expectAbandoned(
    runtime,
    () => {
      vi.spyOn(runtime.running, "set").mockImplementationOnce(() => {
        throw new Error("injected");
      });
    },
    "internal",
  );
});

test("a start that commits after the process began to close ends the generation at once", async () => {
  const { runtime, end } = addInterceptedInstance((text) => {
    if (text.includes(commitText)) runtime.closing = true;
  });
  await expectAbandoned(runtime, () => undefined, "server_restarting");
  await end();
});

test("a shutdown waits until a start that is under way is abandoned", async () => {
  let closed: Promise<void> | undefined;
  const { runtime, end } = addInterceptedInstance((text) => {
    if (text.includes(commitText)) closed ??= shutDownGenerations(runtime);
  });
  const user = await addUser(env);
  const input = startInput("hello", model);
  const starting = start(runtime, user, input).catch((error: unknown) => error);
  await vi.waitFor(() => expect(closed).toBeDefined());
  await closed;
  expect(await readStoredAnswer(env, input)).toMatchObject({ generation: "failed" });
  expect(await starting).toMatchObject({ code: "server_restarting" });
  await end();
});

test("a start whose commit response is lost ends the generation at once", async () => {
  let isLost = false;
  const { runtime, end } = addInterceptedInstance((text) => {
    if (!text.includes(commitText) || isLost) return;
    isLost = true;
    throw new Error("write CONNECTION_CLOSED");
  });
  await expectAbandoned(runtime, () => undefined, "internal");
  await end();
});

test("a lost commit response does not end a generation that another request has started", async () => {
  const other = env.addInstance();
  const user = await addUser(env);
  const input = startInput("long 200 tokens", model);
  const { runtime, end } = addInterceptedInstance(async (text) => {
    // The other request commits between load and commit of this one.
    if (text.includes("load_generation_starts")) await start(other, user, input);
    if (text.includes(commitText)) throw new Error("write CONNECTION_CLOSED");
  });
  await expect(start(runtime, user, input)).rejects.toThrow("CONNECTION_CLOSED");
  await other.running.get(input.generationId)?.finished;
  expect(await readStoredAnswer(env, input)).toMatchObject({ generation: "done" });
  expect(await readCredit(env, user)).toMatchObject({ charges: 1, held: 0 });
  await end();
});
