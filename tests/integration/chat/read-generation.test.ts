import { afterAll, beforeAll, expect, test } from "vitest";
import { renameConversation } from "#lib/chat/conversations/conversations.ts";
import { readConversation } from "#lib/chat/conversations/read-conversation.ts";
import { readGeneration } from "#lib/chat/generation/readers/read-generation.ts";
import { reapGenerations } from "#lib/chat/generation/reaper.ts";
import { type ChatRuntime, createRuntime } from "#lib/chat/generation/runtime.ts";
import { shutDownGenerations, whenGenerationsHaveEnded } from "#lib/chat/generation/shut-down.ts";
import { stopGeneration } from "#lib/chat/generation/stop-generation.ts";
import { generateTitle } from "#lib/chat/generation/titles.ts";
import { detachGeneration } from "#lib/chat/generation/writer.ts";
import { now } from "#lib/core/clock.ts";
import { newId } from "#lib/core/ids.ts";
import { countText } from "#lib/usage/tokens.ts";
import {
  addUser,
  type ChatTestEnv,
  generate,
  pollOptions,
  readCredit,
  readStoredAnswer,
  readToEnd,
  start,
  startChatTestEnv,
  startInput,
  type TestUser,
} from "#tests/integration/chat/chat-test-env.ts";

let env: ChatTestEnv;
let here: ChatRuntime;
let elsewhere: ChatRuntime;
let user: TestUser;
const model = "gpt-4.1-mini";
const never = () => new AbortController().signal;

beforeAll(async () => {
  env = await startChatTestEnv({ tokensPerSecond: 150, firstTokenMs: 5 });
  here = env.addInstance();
  elsewhere = env.addInstance();
  user = await addUser(env, 20_000_000);
});
afterAll(() => env.close());

test("a generation continues without readers, and a reader that returns gets the whole text", async () => {
  const input = startInput("long 120 tokens", model);
  const started = await start(here, user, input);
  const disconnected = new AbortController();
  const first = await readToEnd(await started.read(0, disconnected.signal), "", (text) => text.length > 20);
  disconnected.abort();
  const rest = await readToEnd(
    await readGeneration(user, input.generationId, first.text.length, never(), here),
    first.text,
  );
  expect(rest.end?.outcome).toBe("done");
  expect(rest.text).toBe((await readStoredAnswer(env, input)).text);
});

test("a reader that reconnects repeatedly, on any instance, gets the text exactly once", async () => {
  const input = startInput("long 200 tokens", model);
  await start(here, user, input);
  let text = "";
  for (let round = 0; ; round++) {
    const instance = round % 2 === 0 ? elsewhere : here;
    const reader = await readGeneration(user, input.generationId, text.length, never(), instance);
    const wanted = text.length + 60;
    const result = await readToEnd(reader, text, (so) => so.length >= wanted);
    text = result.text;
    if (result.end !== undefined) break;
  }
  expect(text).toBe((await readStoredAnswer(env, input)).text);
});

test("a reader on another instance gets the text while it is generated, and the end", async () => {
  const input = startInput("long 150 tokens", model);
  await start(here, user, input);
  const reader = await readGeneration(user, input.generationId, 0, never(), elsewhere);
  let pieces = 0;
  let ended = false;
  let text = "";
  for await (const item of reader) {
    if (item === "heartbeat") continue;
    if (item.event.type === "end") ended = item.event.outcome === "done";
    if (item.event.type !== "text") continue;
    pieces += 1;
    text += item.event.text;
  }
  expect(pieces).toBeGreaterThan(3);
  expect(ended).toBe(true);
  expect(text).toBe((await readStoredAnswer(env, input)).text);
});

test("a stop on another instance ends the generation", async () => {
  const input = startInput("hello", "sandbox-hang");
  const started = await start(here, user, input);
  await stopGeneration(user, input.generationId, elsewhere);
  expect((await readToEnd(await started.read(0, never()))).end?.outcome).toBe("stopped");
});

test("a heartbeat finds a stop whose notification was lost", async () => {
  const input = startInput("hello", "sandbox-hang");
  const started = await start(here, user, input);
  await env.sql`update generations set stop_requested_at = now() where id = ${input.generationId}`;
  expect((await readToEnd(await started.read(0, never()))).end?.outcome).toBe("stopped");
});

test("a silent generation sends heartbeats", async () => {
  const input = startInput("hello", "sandbox-hang");
  const started = await start(here, user, input);
  for (const instance of [here, elsewhere]) {
    const reader = await readGeneration(user, input.generationId, 0, never(), instance);
    expect((await reader.next()).value).toBe("heartbeat");
    await reader.return();
  }
  await stopGeneration(user, input.generationId, here);
  await readToEnd(await started.read(0, never()));
});

test("another user and a user with an ended session cannot read a generation", async () => {
  const otherUser = await addUser(env);
  const input = startInput("say exactly: private", model);
  await generate(here, user, input);
  const byStranger = readGeneration(otherUser, input.generationId, 0, never(), here);
  await expect(byStranger).rejects.toMatchObject({ code: "not_found" });
  const unknown = readGeneration(user, newId(), 0, never(), here);
  await expect(unknown).rejects.toMatchObject({ code: "not_found" });
  const signedOut = readGeneration({ ...user, sessionId: newId() }, input.generationId, 0, never(), here);
  await expect(signedOut).rejects.toMatchObject({ code: "unauthenticated" });
});

test("a generation whose log was deleted is read from its message", async () => {
  const input = startInput("say exactly: old but whole", model);
  const fresh = await generate(here, user, input);
  await env.sql`delete from generation_events where generation_id = ${input.generationId}`;
  const reader = await readGeneration(user, input.generationId, 4, never(), here);
  const old = await readToEnd(reader, "old ");
  expect(old.text).toBe("old but whole");
  expect(old.end).toMatchObject({
    outcome: "done",
    receipt: { chargedMicros: fresh.end?.receipt?.chargedMicros },
  });
});

test("readConversation returns the partial text and the running generation", async () => {
  const input = startInput("long 300 tokens", model);
  await start(here, user, input);
  const open = () => readConversation(env.db, user.workspaceId, user.userId, input.conversationId);
  await expect
    .poll(async () => (await open()).messages[1]?.text.length ?? 0, pollOptions)
    .toBeGreaterThan(50);
  const talk = await open();
  expect(talk.running).toEqual([{ generationId: input.generationId, messageId: input.answerId }]);
  const soFar = talk.messages[1]?.text ?? "";
  const result = await readToEnd(
    await readGeneration(user, input.generationId, soFar.length, never(), elsewhere),
    soFar,
  );
  expect(result.text).toBe((await readStoredAnswer(env, input)).text);
});

test("the reaper finalizes a generation of a dead process from its log and charges it once", async () => {
  const someone = await addUser(env);
  const dying = env.addInstance();
  const input = startInput("long 3000 tokens", model);
  await start(dying, someone, input);
  await expect.poll(() => loggedText(input.generationId), pollOptions).not.toBe("");
  // As after kill -9: the process writes nothing more, and no end was written.
  await env.sql`update generations set instance_id = 'another-host/1/dead' where id = ${input.generationId}`;
  const orphan = await freeze(dying, input.generationId);
  await env.sql`update generations set heartbeat_at = ${new Date(now().getTime() - 60_000).toISOString()} where id = ${input.generationId}`;
  const logged = await loggedText(input.generationId);
  const counts = await Promise.all([reapGenerations(now(), here), reapGenerations(now(), elsewhere)]);
  expect(counts.some((count) => count > 0)).toBe(true);
  expect(await readStoredAnswer(env, input)).toMatchObject({
    text: logged,
    status: "interrupted",
    generation: "interrupted",
  });
  const result = await readToEnd(await readGeneration(someone, input.generationId, 0, never(), here));
  expect(result).toMatchObject({
    text: logged,
    end: { outcome: "interrupted", receipt: { estimated: true } },
  });
  expect(result.end?.receipt?.completionTokens).toBe(countText(model, logged));
  expect(await readCredit(env, someone)).toMatchObject({ charges: 1, held: 0, open: 0 });
  // If the process continues, it keeps the result.
  orphan.controller.abort(new Error("woken"));
  await orphan.finished;
  expect(await readCredit(env, someone)).toMatchObject({ charges: 1, held: 0, open: 0 });
  expect((await readStoredAnswer(env, input)).text).toBe(logged);
});

test("the reaper finalizes generations of a dead process on this host at once, and none of a living one", async () => {
  const input = startInput("hello", "sandbox-hang");
  const started = await start(here, user, input);
  expect(await reapGenerations(now(), elsewhere)).toBe(0);
  // No process has this id.
  const predecessor = createRuntime().instanceId.replace(/\/\d+\//, "/99999999/");
  await env.sql`update generations set instance_id = ${predecessor} where id = ${input.generationId}`;
  const inHere = createRuntime({ connection: env });
  expect(await reapGenerations(now(), inHere)).toBe(1);
  expect((await readToEnd(await started.read(0, never()))).end?.outcome).toBe("interrupted");
});

test("a shutdown finalizes the running generations as interrupted and refuses new ones", async () => {
  const someone = await addUser(env);
  const leaving = env.addInstance();
  const input = startInput("long 3000 tokens", model);
  const started = await start(leaving, someone, input);
  const reader = await started.read(0, never());
  const first = await readToEnd(reader, "", (text) => text.length > 50);
  await shutDownGenerations(leaving);
  const kept = await readStoredAnswer(env, input);
  expect(kept.status).toBe("interrupted");
  expect(kept.text.startsWith(first.text)).toBe(true);
  expect(await readCredit(env, someone)).toMatchObject({ charges: 1, held: 0, open: 0 });
  await expect(start(leaving, someone, startInput("more", model))).rejects.toMatchObject({
    code: "server_restarting",
  });
});

test("draining waits for the running answers, which end normally", async () => {
  const someone = await addUser(env);
  const draining = env.addInstance();
  const input = startInput("long 300 tokens", model);
  const started = await start(draining, someone, input);
  await whenGenerationsHaveEnded(draining);
  expect((await readToEnd(await started.read(0, never()))).end?.outcome).toBe("done");
  expect(await readStoredAnswer(env, input)).toMatchObject({ status: "done" });
  await whenGenerationsHaveEnded(draining);
});

test("a title is generated once, sent to open readers, and never replaces a user's title", async () => {
  const input = startInput("long 3000 tokens about the sea", model);
  const started = await start(here, user, input);
  const reader = await readGeneration(user, input.generationId, 0, never(), elsewhere);
  await Promise.all([here.wake.listening(), elsewhere.wake.listening()]);
  const titles = async (from: typeof reader) => {
    for await (const item of from) {
      if (item !== "heartbeat" && item.event.type === "title") return item.event.title;
      if (item !== "heartbeat" && item.event.type === "end") return undefined;
    }
    return undefined;
  };
  const told = Promise.all([titles(await started.read(0, never())), titles(reader)]);
  await generateTitle(input.conversationId);
  const [one, other] = await told;
  expect(one).toMatch(/long/i);
  expect(other).toBe(one);
  await stopGeneration(user, input.generationId, here);
  await renameConversation(env.db, user.workspaceId, user.userId, input.conversationId, "  My own  ");
  await generateTitle(input.conversationId);
  const talk = await readConversation(env.db, user.workspaceId, user.userId, input.conversationId);
  expect(talk.title).toBe("My own");
  const [calls] = await env.sql`
    select count(*)::int as titles, sum(charged_micros)::int as charged, min(cost_micros)::int as cost
    from openai_interactions where purpose = 'title'`;
  expect(calls).toMatchObject({ titles: 1, charged: 0 });
  expect(calls?.cost).toBeGreaterThan(0);
});

test("only the first answer of a conversation requests a title", async () => {
  const input = startInput("say exactly: hello", model);
  await generate(here, user, input);
  const jobs = () =>
    env.sql`select 1 from pgboss.job where name = 'chat.title' and data ->> 'conversationId' = ${input.conversationId}`;
  await expect.poll(async () => (await jobs()).length, pollOptions).toBe(1);
  await generate(
    here,
    user,
    startInput("say exactly: again", model, {
      conversationId: input.conversationId,
      parentId: input.answerId,
    }),
  );
  expect(await jobs()).toHaveLength(1);
});

async function loggedText(generationId: string): Promise<string> {
  const rows = await env.sql<{ text: string | null }[]>`
    select string_agg(event ->> 'text', '' order by seq) as text from generation_events where generation_id = ${generationId}`;
  return rows[0]?.text ?? "";
}

/** Detaches a generation from its process, as if that had been killed: it neither logs nor finalizes it. */
async function freeze(runtime: ChatRuntime, generationId: string) {
  const running = runtime.running.get(generationId);
  if (running === undefined) throw new Error("The generation does not run.");
  await detachGeneration(runtime, running);
  return running;
}
