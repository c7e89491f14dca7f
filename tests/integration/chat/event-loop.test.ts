import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { encode } from "next-auth/jwt";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createHttpServer } from "#app/_http/server/create-http-server.ts";
import { createDispatcher } from "#app/_http/server/dispatcher.ts";
import { sessionCookieName } from "#app/_http/session/session-cookie.ts";
import { operations } from "#app/_openapi/operations.ts";
import { createApiKey } from "#lib/accounts/api-keys.ts";
import { now } from "#lib/core/clock.ts";
import { env } from "#lib/core/env.ts";
import {
  addUser,
  type ChatTestEnv,
  startChatTestEnv,
  startInput,
  type TestUser,
} from "#tests/integration/chat/chat-test-env.ts";
import { measureTurns } from "#tests/integration/measure-turns.ts";

/**
 * The most CPU time of one turn of the event loop. The goal is 50 ms; the rest allows for slow machines, for
 * the test's own client in the same process, and for code that is not yet compiled.
 */
const maxTurnMs = 150;

let testEnv: ChatTestEnv;
let user: TestUser;
let server: Server;
let origin: string;
let apiHeaders: Record<string, string>;
let cookie: string;

beforeAll(async () => {
  testEnv = await startChatTestEnv();
  // Without credit, so that the model's server, which runs in this process as well, has no part in it.
  user = await addUser(testEnv, 0);
  const wanted = { name: "test", scopes: ["chat" as const, "embeddings" as const, "usage" as const] };
  const options = { ...wanted, budgetMicros: null, expiresAt: null };
  const { secret } = await createApiKey(testEnv.db, user.workspaceId, user.userId, options, now());
  apiHeaders = { authorization: `Bearer ${secret}`, "content-type": "application/json" };
  const token = { userId: user.userId, sessionId: user.sessionId };
  const salt = sessionCookieName();
  cookie = `${salt}=${await encode({ token, secret: env().AUTH_SECRET, salt, maxAge: 600 })}`;
  const dispatch = createDispatcher(operations, async (_request, response) => void response.end());
  const listener = (request: IncomingMessage, response: ServerResponse) => void dispatch(request, response);
  server = createHttpServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("The server has no port.");
  origin = `http://127.0.0.1:${address.port}`;
  // A year of use of many models, for the exports.
  await testEnv.sql`
    insert into usage_daily (workspace_id, day, model, api_key_id, requests, prompt_tokens, completion_tokens, cost_micros, charged_micros)
    select ${user.workspaceId}, current_date - d, 'model-' || m, '00000000-0000-0000-0000-000000000000', 1, 1, 1, 1, 1
    from generate_series(0, 365) d, generate_series(1, 60) m`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await testEnv.close();
});

const words = "lorem ipsum dolor ".repeat(220_000);
const letters = "qxzjv".repeat(700_000);
const chatBody = (fields: object) =>
  JSON.stringify({ model: "gpt-4.1-mini", messages: [{ role: "user", content: "a" }], ...fields });
const withContent = (content: unknown) => chatBody({ messages: [{ role: "user", content }] });
const properties = Object.fromEntries(
  Array.from({ length: 20_000 }, (_, index) => [`field_${index}`, { type: "string" }]),
);
const schema = { name: "f", parameters: { type: "object", properties } };
const post = (path: string, body: BodyInit, headers = apiHeaders) =>
  fetch(origin + path, { method: "POST", headers, body });
const completions = "/api/v1/chat/completions";
const embedding = (input: unknown) => JSON.stringify({ model: "text-embedding-3-small", input });
const sign = { ...{ "content-type": "application/json" }, "stripe-signature": "t=1,v1=00" };

test.each<[string, () => Promise<Response>]>([
  ["a text of words to chat completions", () => post(completions, withContent(words))],
  ["a text without spaces to chat completions", () => post(completions, withContent(letters))],
  [
    "2,000 parts to chat completions",
    () =>
      post(
        completions,
        withContent(Array.from({ length: 2_000 }, () => ({ type: "text", text: "word ".repeat(300) }))),
      ),
  ],
  [
    "an image of three megabytes",
    () =>
      post(
        completions,
        withContent([
          { type: "image_url", image_url: { url: `data:image/png;base64,${"A".repeat(3_000_000)}` } },
        ]),
      ),
  ],
  [
    "a tool schema with 20,000 fields",
    () => post(completions, chatBody({ tools: [{ type: "function", function: schema }] })),
  ],
  [
    "a response format with 20,000 fields",
    () => post(completions, chatBody({ response_format: { type: "json_schema", json_schema: schema } })),
  ],
  [
    "300,000 tokens to embeddings",
    () => post("/api/v1/embeddings", embedding(Array.from({ length: 40 }, () => new Array(7_500).fill(1)))),
  ],
  [
    "2,048 texts to embeddings",
    () => post("/api/v1/embeddings", embedding(Array.from({ length: 2_048 }, () => "word ".repeat(300)))),
  ],
  [
    "300,000 wrong tokens to embeddings",
    () => post("/api/v1/embeddings", embedding(new Array(300_000).fill(-1))),
  ],
  ["JSON of two million commas", () => post(completions, `{"a":[${",".repeat(2_000_000)}]}`)],
  ["JSON of two million brackets", () => post(completions, "[".repeat(2_000_000))],
  [
    "a webhook of one megabyte",
    () => post("/api/webhooks/stripe", JSON.stringify({ a: "x".repeat(1_000_000) }), sign),
  ],
  [
    "a multipart upload",
    () =>
      post(completions, "x".repeat(3_000_000), {
        ...apiHeaders,
        "content-type": "multipart/form-data; boundary=x",
      }),
  ],
  [
    "a message to the chat",
    () =>
      post("/api/openai/chat", JSON.stringify(startInput("word ".repeat(40_000), "gpt-4.1-mini")), {
        cookie,
        "content-type": "application/json",
      }),
  ],
  [
    "an export of 400 days by model",
    () => fetch(`${origin}/api/v1/usage?group=model`, { headers: { ...apiHeaders, accept: "text/csv" } }),
  ],
  [
    "an export of 400 days by day",
    () => fetch(`${origin}/api/v1/usage?group=day`, { headers: { ...apiHeaders, accept: "text/csv" } }),
  ],
])(
  "D1, S2: /api/health is answered while the process handles %s",
  { timeout: 180_000 },
  async (_name, sendInput) => {
    let isRunning = true;
    let answered = 0;
    const watch = async () => {
      while (isRunning) {
        const health = await fetch(`${origin}/api/health`);
        expect(health.status).toBe(200);
        await health.arrayBuffer();
        answered += 1;
      }
    };
    const { maxMs, result } = await measureTurns(async () => {
      const watching = watch();
      const response = await sendInput();
      await response.arrayBuffer();
      isRunning = false;
      await watching;
      return response.status;
    });
    expect(result).toBeLessThan(500);
    expect(answered).toBeGreaterThan(0);
    expect(maxMs).toBeLessThan(maxTurnMs);
  },
);
