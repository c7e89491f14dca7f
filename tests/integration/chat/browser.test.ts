import { encode } from "next-auth/jwt";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sessionCookieName } from "#app/_http/session-cookie.ts";
import { POST as stop } from "#app/api/openai/chat/[generationId]/stop/route.ts";
import { GET as resume } from "#app/api/openai/chat/[generationId]/stream/route.ts";
import { POST as chat } from "#app/api/openai/chat/route.ts";
import { shutDownGenerations } from "#lib/chat/shut-down.ts";
import { type StreamEvent, streamEventSchema } from "#lib/chat/stream-events.ts";
import { env } from "#lib/core/env.ts";
import {
  addPerson,
  type ChatWorld,
  createChatWorld,
  type Person,
  question,
  readAnswer,
} from "#tests/integration/chat/chat-world.ts";

let world: ChatWorld;
const model = "gpt-4.1-mini";

beforeAll(async () => {
  world = await createChatWorld({ tokensPerSecond: 300, firstTokenMs: 5 });
});
afterAll(async () => {
  await shutDownGenerations();
  await world.close();
});

async function headersOf(person: Person | null): Promise<Record<string, string>> {
  const headers = { "content-type": "application/json", origin: env().APP_URL };
  if (person === null) return headers;
  const salt = sessionCookieName();
  const token = { userId: person.userId, sessionId: person.sessionId };
  const cookie = `${salt}=${await encode({ token, secret: env().AUTH_SECRET, salt, maxAge: 60 })}`;
  return { ...headers, cookie };
}

async function post(person: Person | null, body: object): Promise<Response> {
  const init = { method: "POST", headers: await headersOf(person), body: JSON.stringify(body) };
  return chat(new Request("http://localhost:3000/api/openai/chat", init));
}

async function comeBack(
  person: Person,
  generationId: string,
  headers: Record<string, string>,
  query = "",
): Promise<Response> {
  const url = `http://localhost:3000/api/openai/chat/${generationId}/stream${query}`;
  const request = new Request(url, { headers: { ...(await headersOf(person)), ...headers } });
  return resume(request, { params: Promise.resolve({ generationId }) });
}

type Seen = { id: number; event: StreamEvent };

/** Reads events as a browser would: by lines, with ids. Stops after `most` of them, as a closed tab does. */
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

test("the browser's way: POST streams, a closed tab stops nothing, Last-Event-ID brings the rest", async () => {
  const person = await addPerson(world);
  const input = question("long 150 tokens", model);
  const response = await post(person, input);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toContain("text/event-stream");
  expect(response.headers.get("cache-control")).toBe("no-cache, no-transform");
  const first = await readEvents(response, 3);
  const last = first.at(-1)?.id ?? 0;
  expect(last).toBe(textOf(first).length);
  const rest = await readEvents(
    await comeBack(person, input.generationId, { "last-event-id": String(last) }),
  );
  expect(rest.at(-1)?.event).toMatchObject({ type: "end", outcome: "done" });
  expect(textOf(first) + textOf(rest)).toBe((await readAnswer(world, input)).text);
  const whole = await readEvents(await comeBack(person, input.generationId, {}, "?after=0"));
  expect(textOf(whole)).toBe(textOf(first) + textOf(rest));
});

test("a stop by its own request ends the stream with what was received", async () => {
  const person = await addPerson(world);
  const input = question("hello", "sandbox-hang");
  const response = await post(person, input);
  const request = new Request("http://localhost:3000/stop", {
    method: "POST",
    headers: await headersOf(person),
  });
  const params = { params: Promise.resolve({ generationId: input.generationId }) };
  expect((await stop(request, params)).status).toBe(204);
  expect((await readEvents(response)).at(-1)?.event).toMatchObject({ type: "end", outcome: "stopped" });
});

test("errors before the stream are JSON with their status", async () => {
  expect((await post(null, question("hello", model))).status).toBe(401);
  const poor = await addPerson(world, 1);
  const refused = await post(poor, question("hello", model));
  expect(refused.status).toBe(402);
  expect((await refused.json()).error).toMatchObject({ code: "insufficient_credit" });
  const wrong = await post(poor, { ...question("hello", model), answerId: "no" });
  expect((await wrong.json()).error).toMatchObject({ code: "invalid_input", fields: [{ path: "answerId" }] });
  const stranger = await addPerson(world);
  const mine = await comeBack(stranger, question("x", model).generationId, {});
  expect(mine.status).toBe(404);
});

test("a reader that stalls costs nothing but what the answer itself takes, and misses nothing", async () => {
  const person = await addPerson(world, 50_000_000);
  const input = question("go on", "sandbox-endless");
  const response = await post(person, input);
  const reader = response.body?.getReader();
  await reader?.read();
  const before = process.memoryUsage().rss;
  // Nobody reads; the answer runs to its limit at full speed all the same, and is kept once.
  await expect
    .poll(async () => (await readAnswer(world, input)).status, { timeout: 60_000, interval: 200 })
    .toBe("done");
  expect(process.memoryUsage().rss - before).toBeLessThan(60_000_000);
  reader?.releaseLock();
  const seen = await readEvents(response);
  expect(textOf(seen)).toBe((await readAnswer(world, input)).text);
  // What had gathered while nobody read came in a few large pieces.
  expect(seen.length).toBeLessThan(20);
});
