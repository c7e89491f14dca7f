import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { POST as complete } from "#app/api/v1/chat/completions/route.ts";
import { createApiKey } from "#lib/accounts/api-keys.ts";
import { now } from "#lib/core/clock.ts";
import { newId } from "#lib/core/ids.ts";
import { chargeMicros } from "#lib/usage/charge.ts";
import { enlargeHold, takeHold } from "#lib/usage/holds.ts";
import { findModel } from "#lib/usage/price-list.ts";
import {
  addUser,
  type ChatTestEnv,
  generate,
  pollOptions,
  readCredit,
  startChatTestEnv,
  startInput,
  type TestUser,
} from "#tests/integration/chat/chat-test-env.ts";

let env: ChatTestEnv;
const model = "gpt-4.1-mini";
const smallCredit = 430_000;

beforeAll(async () => {
  env = await startChatTestEnv();
});
afterAll(() => env.close());

async function addClient(user: TestUser, budgetMicros: number | null = null) {
  const wanted = { name: "test", scopes: ["chat" as const], budgetMicros, expiresAt: null };
  const { secret: apiKey } = await createApiKey(env.db, user.workspaceId, user.userId, wanted, now());
  const serve = (input: string | URL | Request, init?: RequestInit) => complete(new Request(input, init));
  return new OpenAI({ apiKey, baseURL: "http://app.test/api/v1", maxRetries: 0, fetch: serve });
}

const body = (content: string, name = model) => ({
  model: name,
  messages: [{ role: "user" as const, content }],
});

function priceOf(name: string) {
  const found = findModel(name);
  if (found === undefined) throw new Error(`There is no model ${name}.`);
  return found.price;
}

async function readLoss(user: TestUser): Promise<number> {
  const [row] = await env.sql<{ loss: number }[]>`
    select coalesce(sum(amount_micros), 0)::float8 as loss from ledger_entries
    where workspace_id = ${user.workspaceId} and kind = 'loss'`;
  return row?.loss ?? 0;
}

/** Reserves an amount as a running request does. */
async function reserve(user: TestUser, amountMicros: number) {
  const holdId = newId();
  const at = now();
  const rates = { price: priceOf(model), cost: priceOf(model) };
  const expiresAt = new Date(at.getTime() + 60_000);
  const subject = { holdId, subjectId: holdId, subjectKind: "request" as const, model, rates };
  const amounts = { amountMicros, minimumMicros: amountMicros };
  const taken = await takeHold(env.db, user.workspaceId, { ...subject, ...amounts, at, expiresAt });
  expect(taken.ok).toBe(true);
  return holdId;
}

describe("parallel requests without max_tokens on a small credit", () => {
  test.each([
    ["whole", model, false],
    ["streamed", model, true],
    ["whole, of a model that thinks", "gpt-5.4-mini", false],
    ["streamed, of a model that thinks", "gpt-5.4-mini", true],
  ])("D8: twenty %s answers are all given, and nothing is overspent", async (_name, name, stream) => {
    const user = await addUser(env, smallCredit);
    const client = await addClient(user);
    const ask = async () => {
      const request = { ...body("say exactly: one two three", name), stream };
      const answer = await client.chat.completions.create(request);
      if (!(Symbol.asyncIterator in answer)) return answer.choices[0]?.message.content;
      let text = "";
      for await (const chunk of answer) text += chunk.choices[0]?.delta.content ?? "";
      return text;
    };
    const texts = await Promise.all(Array.from({ length: 20 }, ask));
    expect(texts).toEqual(Array.from({ length: 20 }, () => "one two three"));
    await expect
      .poll(() => readCredit(env, user), pollOptions)
      .toMatchObject({ charges: 20, held: 0, open: 0 });
    expect(await readLoss(user)).toBe(0);
  });

  test("D8: credit that running answers reserve is a 429 with Retry-After, not insufficient_quota", async () => {
    const user = await addUser(env, smallCredit);
    const client = await addClient(user);
    await reserve(user, smallCredit);
    const failure = await client.chat.completions.create(body("hello")).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(OpenAI.RateLimitError);
    expect(failure).toMatchObject({ status: 429, code: "rate_limit_exceeded" });
    expect(failure instanceof OpenAI.APIError && failure.headers?.get("retry-after")).toBe("3");
  });

  test("D8: a key's budget that running answers reserve is a 429 with Retry-After, too", async () => {
    const user = await addUser(env);
    const spend = chargeMicros(priceOf(model), { promptTokens: 20, cachedTokens: 0, completionTokens: 10 });
    const client = await addClient(user, spend);
    const ask = () => client.chat.completions.create({ ...body("say exactly: a b c"), max_tokens: 10 });
    const codes = await Promise.all(
      Array.from({ length: 6 }, () =>
        ask().then(
          () => "answered",
          (error: InstanceType<typeof OpenAI.APIError>) => error.code,
        ),
      ),
    );
    expect(codes).toContain("answered");
    expect(codes).toContain("rate_limit_exceeded");
  });

  test("D8, D13: without credit it is insufficient_quota, whatever runs", async () => {
    const user = await addUser(env, 3);
    const client = await addClient(user);
    await reserve(user, 3);
    await expect(client.chat.completions.create(body("hello"))).rejects.toMatchObject({
      ...{ status: 429, code: "insufficient_quota" },
    });
  });
});

describe("a streamed answer that is longer than its hold", () => {
  test("D8: its hold is enlarged while it runs, and the answer is whole", async () => {
    const user = await addUser(env);
    const client = await addClient(user);
    env.statements.length = 0;
    const stream = await client.chat.completions.create({ ...body("long 6000 tokens"), stream: true });
    let finish: string | null = null;
    for await (const chunk of stream) finish = chunk.choices[0]?.finish_reason ?? finish;
    expect(finish).toBe("stop");
    const enlargements = env.statements.filter((text) => text.includes("extend_hold")).length;
    expect(enlargements).toBeGreaterThan(0);
    expect(enlargements).toBeLessThan(6);
    await expect
      .poll(() => readCredit(env, user), pollOptions)
      .toMatchObject({ charges: 1, held: 0, open: 0 });
  });

  test("D8: it is cut at the last cent, and no more than the credit is charged", async () => {
    const tokens = { promptTokens: 20, cachedTokens: 0, completionTokens: 3_000 };
    const user = await addUser(env, chargeMicros(priceOf("sandbox-endless"), tokens));
    const client = await addClient(user);
    const stream = await client.chat.completions.create({ ...body("go", "sandbox-endless"), stream: true });
    const reasons: (string | null)[] = [];
    for await (const chunk of stream) reasons.push(chunk.choices[0]?.finish_reason ?? null);
    expect(reasons.at(-1)).toBe("length");
    await expect
      .poll(() => readCredit(env, user), pollOptions)
      .toMatchObject({ charges: 1, held: 0, open: 0 });
    const { balance } = await readCredit(env, user);
    expect(balance).toBeGreaterThanOrEqual(0);
    // Less than the price of ten tokens is left.
    expect(balance).toBeLessThan(
      chargeMicros(priceOf("sandbox-endless"), { ...tokens, promptTokens: 0, completionTokens: 10 }),
    );
    expect(await readLoss(user)).toBe(0);
  });

  test("D8: an answer in the chat is enlarged and cut by the same rule", async () => {
    const runtime = env.addInstance();
    const user = await addUser(env);
    const whole = await generate(runtime, user, startInput("long 3000 tokens", model));
    expect(whole.end?.outcome).toBe("done");
    const tokens = { promptTokens: 20, cachedTokens: 0, completionTokens: 2_000 };
    const poor = await addUser(env, chargeMicros(priceOf("sandbox-endless"), tokens));
    const cut = await generate(runtime, poor, startInput("go", "sandbox-endless"));
    expect(cut.end?.outcome).toBe("out_of_credit");
    expect((await readCredit(env, poor)).balance).toBeGreaterThanOrEqual(0);
    expect(await readLoss(poor)).toBe(0);
  });
});

describe("concurrent enlargements", () => {
  test("D8, M2: concurrent enlargements never reserve more than the credit", async () => {
    const user = await addUser(env, 1_000);
    const holds = await Promise.all(Array.from({ length: 10 }, () => reserve(user, 50)));
    const extension = { moreMicros: 70, budgetMicros: null, at: now() };
    const amounts = await Promise.all(
      [...holds, ...holds].map((id) => enlargeHold(env.db, user.workspaceId, id, extension)),
    );
    expect(amounts.every((amount) => amount !== null && amount >= 50)).toBe(true);
    const [row] = await env.sql<{ held: number; open: number }[]>`
      select b.held_micros::float8 as held, (select sum(amount_micros) from holds
        where workspace_id = b.workspace_id and state = 'held')::float8 as open
      from balances b where workspace_id = ${user.workspaceId}`;
    expect(row).toEqual({ held: 1_000, open: 1_000 });
  });

  test("D8: a hold that has ended is not enlarged", async () => {
    const user = await addUser(env, 1_000);
    expect(
      await enlargeHold(env.db, user.workspaceId, newId(), { moreMicros: 1, budgetMicros: null, at: now() }),
    ).toBeNull();
  });
});
