import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { POST as complete } from "#app/api/v1/chat/completions/route.ts";
import { POST as embed } from "#app/api/v1/embeddings/route.ts";
import { createApiKey, revokeApiKey } from "#lib/accounts/api-keys.ts";
import { signOut } from "#lib/accounts/sign-out.ts";
import { openReader } from "#lib/chat/generation/readers/stream-readers.ts";
import type { ChatRuntime } from "#lib/chat/generation/runtime.ts";
import { now } from "#lib/core/clock.ts";
import { newId } from "#lib/core/ids.ts";
import {
  addUser,
  type ChatTestEnv,
  readCredit,
  startChatTestEnv,
  type TestUser,
} from "#tests/integration/chat/chat-test-env.ts";
import { type ScriptedUpstream, startScriptedUpstream } from "#tests/integration/chat/scripted-upstream.ts";

let env: ChatTestEnv;
let runtime: ChatRuntime;
let upstream: ScriptedUpstream;

beforeAll(async () => {
  env = await startChatTestEnv();
  upstream = await startScriptedUpstream({ scripted: {}, embedder: { kind: "embedding" } });
  runtime = env.addInstance();
  await runtime.wake.listening();
});
afterAll(async () => {
  await env.close();
  await upstream.close();
});

/** Says nothing until its signal is aborted. */
async function* silent(signal: AbortSignal): AsyncGenerator<string, void> {
  if (!signal.aborted)
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
  yield* [];
}

const never = () => new AbortController().signal;
const openFor = (user: TestUser, on = runtime) =>
  openReader({ personId: user.userId, credentialId: user.sessionId }, on);
const open = (signal: AbortSignal) => Promise.resolve(silent(signal));

describe("a stream whose credential ends", () => {
  test("S11: sign-out ends the streams of the session on every instance, and no others", async () => {
    const other = env.addInstance();
    await other.wake.listening();
    const [user, stranger] = [await addUser(env), await addUser(env)];
    const streams = await Promise.all([runtime, other].map((on) => openFor(user, on).read(never(), open)));
    const strangers = await openFor(stranger).read(never(), open);
    const ended = Promise.all(streams.map((stream) => stream.next()));
    await signOut(user, now());
    expect(await ended).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
    const waiting = strangers.next();
    expect(await Promise.race([waiting, new Promise((resolve) => setImmediate(resolve, "waits"))])).toBe(
      "waits",
    );
    await signOut(stranger, now());
    await waiting;
  });

  test("S11: revoking an API key ends its streams", async () => {
    const user = await addUser(env);
    const wanted = { name: "test", scopes: ["chat" as const], budgetMicros: null, expiresAt: null };
    const { id } = await createApiKey(env.db, user.workspaceId, user.userId, wanted, now());
    const slot = openReader({ personId: newId(), credentialId: id }, runtime);
    const ended = (await slot.read(never(), open)).next();
    await revokeApiKey(env.db, user.workspaceId, user.userId, { id, typedName: "test" }, now());
    expect(await ended).toMatchObject({ done: true });
  });
});

describe("a request without a stream", () => {
  const post = (secret: string, body: object) =>
    new Request("http://app.test/api/v1/chat/completions", {
      method: "POST",
      headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });

  test.each([
    ["a completion", complete, { model: "scripted", messages: [{ role: "user", content: "a" }] }],
    ["embeddings", embed, { model: "embedder", input: "a" }],
  ])(
    "S11: revoking an API key ends %s that waits for the model, and frees its hold",
    async (_name, handle, body) => {
      const user = await addUser(env, 1_000_000);
      const scopes = ["chat" as const, "embeddings" as const];
      const wanted = { name: "test", scopes, budgetMicros: null, expiresAt: null };
      const key = await createApiKey(env.db, user.workspaceId, user.userId, wanted, now());
      upstream.answer(async () => {
        await revokeApiKey(env.db, user.workspaceId, user.userId, { id: key.id, typedName: "test" }, now());
      });
      const response = await handle(post(key.secret, body));
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ error: { code: "invalid_api_key" } });
      expect(await readCredit(env, user)).toMatchObject({ spent: 0, held: 0, open: 0 });
    },
  );
});

describe("the number of streams of a person", () => {
  test("S11: the thirty-third stream of a person is refused, and an ended one makes room", async () => {
    const user = await addUser(env);
    const slots = Array.from({ length: 32 }, () => openFor(user));
    expect(() => openFor(user)).toThrow(expect.objectContaining({ code: "too_many_requests" }));
    const stranger = await addUser(env);
    openFor(stranger).release();
    const leaving = new AbortController();
    const stream = await slots[0]?.read(leaving.signal, open);
    leaving.abort();
    expect(await stream?.next()).toMatchObject({ done: true });
    openFor(user).release();
    for (const slot of slots) slot.release();
  });

  test("S11: a stream that cannot be opened or is abandoned leaves no slot behind", async () => {
    const user = await addUser(env);
    for (let count = 0; count < 40; count++) {
      const fails = () => Promise.reject(new Error("broken"));
      await expect(openFor(user).read(never(), fails)).rejects.toThrow("broken");
      const stream = await openFor(user).read(never(), (signal) => Promise.resolve(silent(signal)));
      const end = stream.return?.();
      expect(await Promise.race([end, new Promise((resolve) => setImmediate(resolve, null))])).toBeDefined();
    }
  });
});
