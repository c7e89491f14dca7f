import { encode } from "next-auth/jwt";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sessionCookieName } from "#app/_http/session/session-cookie.ts";
import { GET as feedRoute } from "#app/api/chats/feed/route.ts";
import { POST as stopRoute } from "#app/api/openai/chat/[generationId]/stop/route.ts";
import { GET as resumeRoute } from "#app/api/openai/chat/[generationId]/stream/route.ts";
import { POST as chatRoute } from "#app/api/openai/chat/route.ts";
import { closeDatabase, connect, pointDatabaseAt } from "#db/client.ts";
import { shutDownGenerations } from "#lib/chat/generation/shut-down.ts";
import { type StreamEvent, streamEventSchema } from "#lib/chat/generation/stream-events.ts";
import { env as parleyEnv } from "#lib/core/env.ts";
import { checked } from "#tests/contract.ts";
import {
  addUser,
  type ChatTestEnv,
  readStoredAnswer,
  startChatTestEnv,
  startInput,
  type TestUser,
} from "#tests/integration/chat/chat-test-env.ts";

const stop = checked(stopRoute);
const resume = checked(resumeRoute);
const chat = checked(chatRoute);
const feed = checked(feedRoute);
const feedUrl = "http://localhost:3000/api/chats/feed";

let env: ChatTestEnv;
const model = "gpt-4.1-mini";

beforeAll(async () => {
  env = await startChatTestEnv({ tokensPerSecond: 300, firstTokenMs: 5 });
});
afterAll(async () => {
  await shutDownGenerations();
  await env.close();
});

async function headersOf(user: TestUser | null): Promise<Record<string, string>> {
  const headers = { "content-type": "application/json", origin: parleyEnv().APP_URL };
  if (user === null) return headers;
  const salt = sessionCookieName();
  const token = { userId: user.userId, sessionId: user.sessionId };
  const cookie = `${salt}=${await encode({ token, secret: parleyEnv().AUTH_SECRET, salt, maxAge: 60 })}`;
  return { ...headers, cookie };
}

async function post(user: TestUser | null, body: object): Promise<Response> {
  const init = { method: "POST", headers: await headersOf(user), body: JSON.stringify(body) };
  return chat(new Request("http://localhost:3000/api/openai/chat", init));
}

async function comeBack(
  user: TestUser,
  generationId: string,
  headers: Record<string, string>,
  query = "",
): Promise<Response> {
  const url = `http://localhost:3000/api/openai/chat/${generationId}/stream${query}`;
  const request = new Request(url, { headers: { ...(await headersOf(user)), ...headers } });
  return resume(request, { params: Promise.resolve({ generationId }) });
}

type Seen = { id: number; event: StreamEvent };

/**
 * Parses events like a browser: by lines, with ids. Cancels the stream after `most` events, like a closed
 * tab.
 */
async function readEvents(response: Response, most = Number.POSITIVE_INFINITY): Promise<Seen[]> {
  const seen: Seen[] = [];
  let rest = "";
  const decoder = new TextDecoder();
  for await (const bytes of response.body ?? []) {
    const parts = (rest + decoder.decode(bytes, { stream: true })).split("\n\n");
    rest = parts.pop() ?? "";
    for (const part of parts) {
      const match = /^id: (\d+)\ndata: (.*)$/s.exec(part);
      if (match === null) continue;
      seen.push({ id: Number(match[1]), event: streamEventSchema.parse(JSON.parse(match[2] ?? "")) });
      if (seen.length >= most) return seen;
    }
  }
  return seen;
}

const textOf = (seen: Seen[]) => seen.map(({ event }) => (event.type === "text" ? event.text : "")).join("");

test("a generation continues after its POST stream is closed, and Last-Event-ID resumes it", async () => {
  const user = await addUser(env);
  const input = startInput("long 150 tokens", model);
  const response = await post(user, input);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toContain("text/event-stream");
  expect(response.headers.get("cache-control")).toBe("no-cache, no-transform");
  const first = await readEvents(response, 3);
  const last = first.at(-1)?.id ?? 0;
  expect(last).toBe(textOf(first).length);
  const rest = await readEvents(await comeBack(user, input.generationId, { "last-event-id": String(last) }));
  expect(rest.at(-1)?.event).toMatchObject({ type: "end", outcome: "done" });
  expect(textOf(first) + textOf(rest)).toBe((await readStoredAnswer(env, input)).text);
  const whole = await readEvents(await comeBack(user, input.generationId, {}, "?after=0"));
  expect(textOf(whole)).toBe(textOf(first) + textOf(rest));
});

test("a stop request ends the stream with the received text", async () => {
  const user = await addUser(env);
  const input = startInput("hello", "sandbox-hang");
  const response = await post(user, input);
  const request = new Request("http://localhost:3000/stop", {
    method: "POST",
    headers: await headersOf(user),
  });
  const params = { params: Promise.resolve({ generationId: input.generationId }) };
  expect((await stop(request, params)).status).toBe(204);
  expect((await readEvents(response)).at(-1)?.event).toMatchObject({ type: "end", outcome: "stopped" });
});

test("errors before the stream are JSON with an HTTP status", async () => {
  expect((await post(null, startInput("hello", model))).status).toBe(401);
  const userWithoutCredit = await addUser(env, 1);
  const refused = await post(userWithoutCredit, startInput("hello", model));
  expect(refused.status).toBe(402);
  expect((await refused.json()).error).toMatchObject({ code: "insufficient_credit" });
  const wrong = await post(userWithoutCredit, { ...startInput("hello", model), answerId: "no" });
  expect((await wrong.json()).error).toMatchObject({ code: "invalid_input", fields: [{ path: "answerId" }] });
  const otherUser = await addUser(env);
  const mine = await comeBack(otherUser, startInput("x", model).generationId, {});
  expect(mine.status).toBe(404);
});

test("a reader that stalls uses no memory beyond the answer and misses no event", async () => {
  const user = await addUser(env, 50_000_000);
  const input = startInput("go on", "sandbox-endless");
  const response = await post(user, input);
  const reader = response.body?.getReader();
  await reader?.read();
  const before = process.memoryUsage().rss;
  // Without a reader the generation still runs to its limit at full speed, and its text is stored once.
  await expect
    .poll(async () => (await readStoredAnswer(env, input)).status, { timeout: 60_000, interval: 200 })
    .toBe("length");
  expect(process.memoryUsage().rss - before).toBeLessThan(60_000_000);
  reader?.releaseLock();
  const seen = await readEvents(response);
  expect(textOf(seen)).toBe((await readStoredAnswer(env, input)).text);
  // The text that arrived without a reader is sent in a few large pieces.
  expect(seen.length).toBeLessThan(20);
});

test("the feed answers 204 when signed out, so that an EventSource stops", async () => {
  const response = await feed(new Request(feedUrl, { headers: await headersOf(null) }));
  expect(response.status).toBe(204);
});

test("requests after the shutdown has closed the database get 503 with Retry-After and may be repeated", async () => {
  const user = await addUser(env);
  const input = startInput("hello", model);
  const ended = connect(parleyEnv().DATABASE_URL, { max: 1 });
  await ended.sql.end();
  pointDatabaseAt(ended);
  const refused = [
    await post(user, input),
    await feed(new Request(feedUrl, { headers: await headersOf(user) })),
    await comeBack(user, input.generationId, {}),
  ];
  await closeDatabase();
  for (const response of refused) {
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("1");
    expect(await response.json()).toMatchObject({ error: { code: "server_restarting" } });
  }
  const seen = await readEvents(await post(user, input));
  expect(seen.at(-1)?.event).toMatchObject({ type: "end", outcome: "done" });
});
