import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { POST as complete } from "#app/api/v1/chat/completions/route.ts";
import { POST as embed } from "#app/api/v1/embeddings/route.ts";
import { createApiKey, findApiKey, revokeApiKey } from "#lib/accounts/api-keys.ts";
import { createSession, readIdentity } from "#lib/accounts/sessions.ts";
import { signOut } from "#lib/accounts/sign-out.ts";
import { endSessions } from "#lib/chat/generation/readers/end-sessions.ts";
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

describe("an operator who signs a user out everywhere", () => {
  const operator = { userId: newId(), role: "operator" as const };

  test("7.4.5: ends all sessions, their streams and those of API keys within a second, and is audited", async () => {
    const user = await addUser(env);
    const stranger = await addUser(env);
    const second = await createSession(env.db, { userId: user.userId, userAgent: null }, now());
    const wanted = { name: "test", scopes: ["chat" as const], budgetMicros: null, expiresAt: null };
    const { id, secret } = await createApiKey(env.db, user.workspaceId, user.userId, wanted, now());
    const readers = [user.sessionId, second.sessionId, id, stranger.sessionId];
    const streams = await Promise.all(
      readers.map((credentialId) =>
        openReader({ personId: newId(), credentialId }, runtime).read(never(), open),
      ),
    );
    const ends = streams.map((stream) => stream.next());
    await runtime.wake.listening();
    const startedAt = performance.now();
    expect(await endSessions(operator, user.workspaceId, now())).toEqual({ ended: 2 });
    expect(await Promise.all(ends.slice(0, 3))).toMatchObject([
      { done: true },
      { done: true },
      { done: true },
    ]);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(await Promise.race([ends[3], new Promise((resolve) => setImmediate(resolve, "waits"))])).toBe(
      "waits",
    );

    expect(await readIdentity(env.db, second, now())).toBeNull();
    expect(await readIdentity(env.db, stranger, now())).not.toBeNull();
    expect(await findApiKey(env.db, secret, now())).toMatchObject({ apiKeyId: id });
    const trail = await env.sql`select actor_user_id as actor, target, data from audit_log
      where action = 'sessions.ended' and workspace_id = ${user.workspaceId}`;
    expect(trail).toEqual([{ actor: operator.userId, target: user.userId, data: { sessions: 2 } }]);
    await signOut(stranger, now());
  });

  test("is refused without the role", async () => {
    const user = await addUser(env);
    const ordinary = { userId: newId(), role: "user" as const };
    await expect(endSessions(ordinary, user.workspaceId, now())).rejects.toMatchObject({ code: "not_found" });
    expect(await readIdentity(env.db, user, now())).not.toBeNull();
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
