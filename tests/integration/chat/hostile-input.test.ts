import { encode } from "next-auth/jwt";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sessionCookieName } from "#app/_http/session/session-cookie.ts";
import { POST as startChatRoute } from "#app/api/openai/chat/route.ts";
import { POST as completeRoute } from "#app/api/v1/chat/completions/route.ts";
import { POST as embedRoute } from "#app/api/v1/embeddings/route.ts";
import { createApiKey } from "#lib/accounts/api-keys.ts";
import { deliverAlertsTo } from "#lib/core/alerts.ts";
import { now } from "#lib/core/clock.ts";
import { env } from "#lib/core/env.ts";
import { newId } from "#lib/core/ids.ts";
import { checked } from "#tests/contract.ts";
import {
  addUser,
  type ChatTestEnv,
  startChatTestEnv,
  startInput,
  type TestUser,
} from "#tests/integration/chat/chat-test-env.ts";
import { measureTurns } from "#tests/integration/measure-turns.ts";

const startChat = checked(startChatRoute);
const complete = checked(completeRoute);
const embed = checked(embedRoute);

/**
 * The most CPU time of one turn of the event loop. The goal is 50 ms; the rest allows for slow machines and
 * code that is not yet compiled. Without the bounds, most of these inputs take one to ten seconds.
 */
const maxTurnMs = 150;

let testEnv: ChatTestEnv;
let user: TestUser;
let key: string;

beforeAll(async () => {
  testEnv = await startChatTestEnv();
});
afterAll(() => testEnv.close());

/** Adds a user without credit. Each has a rate limit of its own. */
async function useNewUser(): Promise<void> {
  user = await addUser(testEnv, 0);
  const options = { name: "test", scopes: ["chat" as const, "embeddings" as const] };
  const wanted = { ...options, budgetMicros: null, expiresAt: null };
  key = (await createApiKey(testEnv.db, user.workspaceId, user.userId, wanted, now())).secret;
}

type Route = (request: Request) => Promise<Response>;

/** Sends a body; the key is valid unless `secret` is another one. Returns the status and the error's code. */
async function send(route: Route, body: string, secret = key) {
  const headers = { authorization: `Bearer ${secret}`, "content-type": "application/json" };
  const response = await route(new Request("http://app.test/api", { method: "POST", headers, body }));
  const { error } = await response.json();
  return { status: response.status, code: error?.code };
}

/** Sends a body to the chat with the session of the user. */
async function sendChat(body: string, sessionId = user.sessionId) {
  const salt = sessionCookieName();
  const token = { userId: user.userId, sessionId };
  const cookie = `${salt}=${await encode({ token, secret: env().AUTH_SECRET, salt, maxAge: 600 })}`;
  const headers = { cookie, "content-type": "application/json" };
  const response = await startChat(new Request("http://app.test/api", { method: "POST", headers, body }));
  return { status: response.status, code: (await response.json()).error?.code };
}

const chatModel = "gpt-4.1-mini";
const embeddingModel = "text-embedding-3-small";

/** Random letters without a space, so that the tokenizer finds no word, and none in its cache. */
function letters(length: number, seed = 1): string {
  let state = seed;
  const next = () => {
    state = (state * 48_271) % 2_147_483_647;
    return String.fromCharCode(97 + (state % 26));
  };
  return Array.from({ length }, next).join("");
}

const chat = (content: unknown, more: object = {}) =>
  JSON.stringify({ model: chatModel, messages: [{ role: "user", content }], ...more });
const embedding = (input: unknown) => JSON.stringify({ model: embeddingModel, input });
const emptyParts = (count: number) => chat(Array.from({ length: count }, () => ({})));
const badBiases = (count: number) =>
  chat("a", { logit_bias: Object.fromEntries(Array.from({ length: count }, (_, id) => [id, ""])) });
const nestedTools = `{"model":"${chatModel}","messages":[{"role":"user","content":"a"}],"tools":[{"type":"function","function":${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}}]}`;
const megabyte = letters(1_000_000);

describe("a hostile body to the API", () => {
  test.each([
    ["S2, D1: a megabyte of letters to chat", complete, chat(megabyte), 429, "insufficient_quota"],
    [
      "S2, D1: letters for an unknown model",
      complete,
      chat(megabyte, { model: "none" }),
      404,
      "model_not_found",
    ],
    [
      "S2, D1: a megabyte of letters to embeddings",
      embed,
      embedding(megabyte),
      400,
      "context_length_exceeded",
    ],
    [
      "S2, D1: fifty long texts to embeddings",
      embed,
      embedding(
        Array.from({ length: 50 }, (_, index) => megabyte.slice(index * 10_000, (index + 1) * 10_000)),
      ),
      429,
      "insufficient_quota",
    ],
    ["S2, D1: half a million spaces", complete, chat(" ".repeat(500_000)), 429, "insufficient_quota"],
    ["S1: 400,000 empty content parts", complete, emptyParts(400_000), 400, "bad_request"],
    ["S1: 40,000 empty content parts", complete, emptyParts(40_000), 400, "invalid_input"],
    ["S1: 300,000 bad entries of logit_bias", complete, badBiases(300_000), 400, "bad_request"],
    ["S1: 90,000 bad entries of logit_bias", complete, badBiases(90_000), 400, "invalid_input"],
    ["D16: tools that are nested 20,000 levels deep", complete, nestedTools, 400, "bad_request"],
    ["S1: a body of five megabytes", complete, chat("a".repeat(5_000_000)), 413, "payload_too_large"],
  ])(
    "%s: refused without a long turn of the event loop",
    { timeout: 180_000 },
    async (_name, route, body, status, code) => {
      await useNewUser();
      const valid = await measureTurns(() => send(route, body));
      expect(valid.result).toEqual({ status, code });
      expect(valid.maxMs).toBeLessThan(maxTurnMs);
      const invalid = await measureTurns(() => send(route, body, "parley_sk_invalid"));
      expect(invalid.result).toEqual({ status: 401, code: "invalid_api_key" });
      expect(invalid.maxMs).toBeLessThan(maxTurnMs);
    },
  );

  test("S2, D1: concurrent long texts share the time slices", { timeout: 180_000 }, async () => {
    await useNewUser();
    const bodies = Array.from({ length: 8 }, (_, index) => chat(letters(50_000, 100 + index)));
    const sent = await measureTurns(() => Promise.all(bodies.map((body) => send(complete, body))));
    for (const result of sent.result) expect(result.status).toBe(429);
    expect(sent.maxMs).toBeLessThan(maxTurnMs);
  });

  test("S2, D1: the rate limit is checked before a long text is counted", { timeout: 60_000 }, async () => {
    const longest = letters(300_000, 7);
    await useNewUser();
    await testEnv.sql`
      insert into rate_buckets (key, tokens, refilled_at)
      values (${`requests:${user.workspaceId}`}, 0, ${new Date(now().getTime() + 60_000).toISOString()})`;
    const refused = await measureTurns(() => send(complete, chat(longest)));
    expect(refused.result).toEqual({ status: 429, code: "rate_limit_exceeded" });
    await useNewUser();
    const counted = await measureTurns(() => send(complete, chat(longest)));
    expect(counted.result).toEqual({ status: 429, code: "insufficient_quota" });
    expect(refused.totalMs).toBeLessThan(counted.totalMs / 2);
  });

  test("S2, D1: a long request takes one token of the rate limit", async () => {
    await useNewUser();
    for (const text of ["a ".repeat(5_000), "a"]) await send(complete, chat(text));
    const [row] = await testEnv.sql`
      select tokens from rate_buckets where key = ${`requests:${user.workspaceId}`}`;
    expect(row?.tokens).toBe(58);
  });
});

describe("a hostile message to the chat", () => {
  const message = (seed: number, model = chatModel) =>
    JSON.stringify(startInput(letters(200_000, seed), model));

  test("S2, D1: 200,000 letters are counted without a long turn", { timeout: 60_000 }, async () => {
    await useNewUser();
    const { result, maxMs } = await measureTurns(() => sendChat(message(11)));
    expect(result).toEqual({ status: 402, code: "insufficient_credit" });
    expect(maxMs).toBeLessThan(maxTurnMs);
    const [row] = await testEnv.sql`
      select tokens from rate_buckets where key = ${`requests:${user.workspaceId}`}`;
    expect(row?.tokens).toBe(59);
  });

  test("S2, D1: session and model are checked before a long message is counted", async () => {
    await useNewUser();
    const revoked = await measureTurns(() => sendChat(message(12), newId()));
    expect(revoked.result).toEqual({ status: 401, code: "unauthenticated" });
    expect(revoked.totalMs).toBeLessThan(maxTurnMs);
    const unknown = await measureTurns(() => sendChat(message(13, "none")));
    expect(unknown.result.code).toBe("model_not_found");
    expect(unknown.totalMs).toBeLessThan(maxTurnMs);
  });

  test("S13: an unknown model is a mistake of the client, which alerts nobody", async () => {
    await useNewUser();
    const alerts: string[] = [];
    deliverAlertsTo(async (alert) => void alerts.push(alert.key));
    for (let count = 0; count < 15; count++) {
      const refused = await sendChat(JSON.stringify(startInput("hello", "none")));
      expect(refused).toEqual({ status: 404, code: "model_not_found" });
    }
    deliverAlertsTo(undefined);
    expect(alerts).toEqual([]);
  });

  test("D16: a body that is nested 20,000 levels deep is a 400", async () => {
    await useNewUser();
    expect(await sendChat(nestedTools)).toEqual({ status: 400, code: "bad_request" });
  });
});
