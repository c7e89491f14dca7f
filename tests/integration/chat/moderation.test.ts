import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { POST as completeRoute } from "#app/api/v1/chat/completions/route.ts";
import type { Follower } from "#db/follow-changes.ts";
import { createApiKey } from "#lib/accounts/api-keys.ts";
import type { ChatRuntime } from "#lib/chat/generation/runtime.ts";
import {
  type ModerationMode,
  type ModerationSettings,
  moderationOf,
  moderationSetting,
} from "#lib/chat/moderation/settings.ts";
import { now } from "#lib/core/clock.ts";
import { newId } from "#lib/core/ids.ts";
import { checked } from "#tests/contract.ts";
import {
  addUser,
  type ChatTestEnv,
  generate,
  pollOptions,
  readCredit,
  readStoredAnswer,
  startChatTestEnv,
  startInput,
  type TestUser,
} from "#tests/integration/chat/chat-test-env.ts";

const complete = checked(completeRoute);

const model = "gpt-4.1-mini";
const flagged = "Please tell me about sandbox-violence.";
const operator = { userId: newId(), role: "operator" as const };

let env: ChatTestEnv;
let runtime: ChatRuntime;
let follower: Follower;
let user: TestUser;

beforeAll(async () => {
  env = await startChatTestEnv();
  runtime = env.addInstance();
  follower = await moderationSetting.follow();
});
afterAll(async () => {
  await follower.stop();
  await env.close();
});
beforeEach(async () => {
  user = await addUser(env);
});

/** Sets the mode of the Free plan, as an operator does, and waits until this process knows it. */
async function setMode(mode: ModerationMode, onFailure: ModerationSettings["onFailure"] = "allow") {
  await moderationSetting.change(operator, { modes: { free: mode }, onFailure }, now());
  await expect.poll(() => moderationOf("free"), pollOptions).toEqual({ mode, onFailure });
}

async function readVerdicts() {
  const rows = await env.sql<{ action: string; data: unknown; target: string; actor: string | null }[]>`
    select action, data, target, actor_user_id as actor from audit_log
    where workspace_id = ${user.workspaceId} and action like 'moderation.%' order by at`;
  return [...rows];
}

/** What the model was asked in this test, from the sandbox's log. */
async function modelCalls(text: string) {
  const response = await fetch(`${new URL(env.models.url).origin}/_control/requests`);
  const { requests }: { requests: { path: string; body: unknown; outcome: string }[] } =
    await response.json();
  return requests.filter(
    ({ path, body }) => path.endsWith("completions") && JSON.stringify(body).includes(text),
  );
}

async function request(content: unknown, more: object = {}): Promise<Response> {
  const key = { name: "test", scopes: ["chat" as const], budgetMicros: null, expiresAt: null };
  const { secret } = await createApiKey(env.db, user.workspaceId, user.userId, key, now());
  const messages = typeof content === "string" ? [{ role: "user", content }] : content;
  return complete(
    new Request("http://app.test/api/v1/chat/completions", {
      method: "POST",
      headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
      body: JSON.stringify({ model, messages, ...more }),
    }),
  );
}

test("input is not checked until an operator turns moderation on", async () => {
  expect(moderationOf("free")).toEqual({ mode: "off", onFailure: "allow" });
  const { end } = await generate(runtime, user, startInput(flagged, model));
  expect(end).toMatchObject({ outcome: "done" });
  expect(await readVerdicts()).toEqual([]);
});

test("changed settings are audited, and only operators may change them", async () => {
  await setMode("flag");
  const rows = await env.sql<{ data: unknown }[]>`
    select data from audit_log where action = 'moderation.changed' order by at desc limit 1`;
  expect(rows[0]?.data).toMatchObject({ to: expect.arrayContaining(["free: flag", "on failure: allow"]) });
  const settings = { modes: { free: "off" as const }, onFailure: "allow" as const };
  await expect(
    moderationSetting.change({ ...operator, role: "user" }, settings, now()),
  ).rejects.toMatchObject({
    code: "not_found",
  });
});

test("flagged input is answered and recorded without its text", async () => {
  await setMode("flag");
  const input = startInput(flagged, model);
  const { end, text } = await generate(runtime, user, input);
  expect(end).toMatchObject({ outcome: "done" });
  expect(text).not.toBe("");
  await expect.poll(readVerdicts, pollOptions).toEqual([
    {
      action: "moderation.flagged",
      actor: user.userId,
      target: input.generationId,
      data: { source: "chat", plan: "free", categories: ["violence"] },
    },
  ]);
});

test("a blocked message shows nothing of the answer, costs nothing, and our own cost is recorded", async () => {
  await setMode("block");
  const before = await readCredit(env, user);
  const input = startInput(`${flagged} sandbox-moderation-slow`, model);
  const { end, text } = await generate(runtime, user, input);
  expect(text).toBe("");
  expect(end).toMatchObject({ outcome: "failed", receipt: null, error: { code: "content_blocked" } });
  expect(await readStoredAnswer(env, input)).toMatchObject({ text: "", errorCode: "content_blocked" });
  expect(await readCredit(env, user)).toEqual({ ...before, open: 0, held: 0 });
  expect(await readVerdicts()).toMatchObject([{ action: "moderation.blocked", target: input.generationId }]);
  expect(JSON.stringify(await readVerdicts())).not.toContain("tell me");
  const [call] = await env.sql<{ charged: number; cost: number; prompt: number; error: string }[]>`
    select charged_micros::float8 as charged, cost_micros::float8 as cost, prompt_tokens as prompt, error_code as error
    from openai_interactions where workspace_id = ${user.workspaceId}`;
  expect(call).toMatchObject({ charged: 0, error: "content_blocked" });
  expect(call?.cost).toBeGreaterThan(0);
  expect(call?.prompt).toBeGreaterThan(0);
  // No title is generated for it.
  expect(
    await env.sql`select 1 from conversations where id = ${input.conversationId} and title_source = 'generated'`,
  ).toHaveLength(0);
});

test("an allowed message is answered and charged although its check takes longer than the first token", async () => {
  await setMode("block");
  const { end, text } = await generate(
    runtime,
    user,
    startInput("say exactly: fine sandbox-moderation-slow", model),
  );
  expect(end).toMatchObject({ outcome: "done", error: null });
  expect(text).toContain("fine");
  expect((await readCredit(env, user)).charges).toBe(1);
});

test("regenerating, editing, and asking for the message above do not get around a block", async () => {
  await setMode("block");
  const first = startInput(flagged, model);
  await generate(runtime, user, first);
  const again = startInput("", model, {
    conversationId: first.conversationId,
    parentId: first.message?.id ?? null,
    message: null,
  });
  expect((await generate(runtime, user, again)).end).toMatchObject({ error: { code: "content_blocked" } });
  const edited = startInput(`${flagged} Now.`, model, { conversationId: first.conversationId });
  expect((await generate(runtime, user, edited)).end).toMatchObject({ error: { code: "content_blocked" } });
  const above = startInput("Answer the message above.", model, {
    conversationId: first.conversationId,
    parentId: first.answerId,
  });
  expect((await generate(runtime, user, above)).end).toMatchObject({ error: { code: "content_blocked" } });
  const harmless = startInput("say exactly: hello", model, { conversationId: first.conversationId });
  expect((await generate(runtime, user, harmless)).text).toContain("hello");
});

test.each([false, true])(
  "a blocked request of the API gets OpenAI's error and costs nothing (stream: %s)",
  async (stream) => {
    await setMode("block");
    const before = await readCredit(env, user);
    const response = await request(`${flagged} sandbox-moderation-slow`, { stream });
    expect(response.status).toBe(400);
    const body = await response.json();
    expect(body).toMatchObject({
      error: { type: "invalid_request_error", code: "content_policy_violation", param: "messages" },
    });
    expect(await readCredit(env, user)).toEqual({ ...before, open: 0, held: 0 });
    expect(await readVerdicts()).toMatchObject([
      { action: "moderation.blocked", target: body.error.request_id, data: { source: "api" } },
    ]);
  },
);

test("every text of a request is checked, also far into it and in other roles", async () => {
  await setMode("block");
  const filler = "all is well here, ".repeat(2_000);
  const contents: unknown[] = [
    `${filler}${flagged}${filler}`,
    [
      {
        role: "user",
        content: [
          { type: "text", text: "one" },
          { type: "text", text: flagged },
        ],
      },
    ],
    [
      { role: "assistant", content: flagged },
      { role: "user", content: "Do that." },
    ],
    [
      { role: "system", content: flagged },
      { role: "user", content: "Do that." },
    ],
  ];
  for (const content of contents) expect((await request(content)).status).toBe(400);
  expect((await request(`${filler}say exactly: hello`)).status).toBe(200);
});

test("a trigger at the border of two parts is found wherever it is", async () => {
  await setMode("block");
  for (const before of [7_990, 7_995, 8_000, 7_790, 7_800])
    expect((await request(`${"x ".repeat(before / 2)}sandbox-hate`)).status, `after ${before}`).toBe(400);
});

test("input that cannot be checked is answered by default, after a failure and after a timeout", async () => {
  await setMode("block");
  const { end } = await generate(runtime, user, startInput("hello sandbox-moderation-500", model));
  expect(end).toMatchObject({ outcome: "done" });
  expect((await request("hello sandbox-moderation-hang", { stream: true })).status).toBe(200);
});

test("input that cannot be checked is refused if the operator says so", async () => {
  await setMode("block", "block");
  const before = await readCredit(env, user);
  const { end } = await generate(runtime, user, startInput("hello sandbox-moderation-500", model));
  expect(end).toMatchObject({ outcome: "failed", error: { code: "moderation_unavailable" } });
  const response = await request("hello sandbox-moderation-500");
  expect(response.status).toBe(503);
  expect(response.headers.get("retry-after")).toBe("10");
  expect(await readCredit(env, user)).toEqual({ ...before, open: 0, held: 0 });
});

test("a refusal ends the call to the model", async () => {
  await setMode("block");
  const text = `long 20000 tokens ${newId()} sandbox-violence`;
  await generate(runtime, user, startInput(text, "sandbox-endless"));
  await expect
    .poll(async () => (await modelCalls(text)).every(({ outcome }) => outcome === "aborted"), pollOptions)
    .toBe(true);
});
