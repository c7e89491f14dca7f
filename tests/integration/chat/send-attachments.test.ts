import { afterAll, beforeAll, expect, test } from "vitest";
import { forkConversation } from "#lib/chat/conversations/fork-conversation.ts";
import { readConversation } from "#lib/chat/conversations/read-conversation.ts";
import type { AttachmentInfo } from "#lib/chat/files/attachment-info.ts";
import { removeAttachment } from "#lib/chat/files/attachments.ts";
import { purgeAttachments } from "#lib/chat/files/purge-attachments.ts";
import { uploadAttachment } from "#lib/chat/files/upload-attachment.ts";
import type { ChatRuntime } from "#lib/chat/generation/runtime.ts";
import type { StartGeneration } from "#lib/chat/generation/stream-events.ts";
import { now } from "#lib/core/clock.ts";
import { newId } from "#lib/core/ids.ts";
import type { LoggedRequest } from "#sandbox/openai/request-log.ts";
import { makePdf, makePng } from "#tests/fixtures/sample-files.ts";
import {
  addUser,
  type ChatTestEnv,
  generate,
  readCredit,
  startChatTestEnv,
  startInput,
  type TestUser,
} from "#tests/integration/chat/chat-test-env.ts";

const model = "gpt-4.1-mini";
let env: ChatTestEnv;
let runtime: ChatRuntime;

beforeAll(async () => {
  env = await startChatTestEnv();
  runtime = env.addInstance();
});
afterAll(() => env.close());

function add(user: TestUser, bytes: Buffer, name: string): Promise<AttachmentInfo> {
  async function* body() {
    yield new Uint8Array(bytes);
  }
  return uploadAttachment(user, { id: newId(), name, bytes: bytes.length }, body(), now());
}

function inputWith(text: string, files: AttachmentInfo[], more: Partial<StartGeneration> = {}) {
  const input = startInput(text, model, more);
  return { ...input, message: { id: newId(), text, attachments: files.map(({ id }) => id) } };
}

type SentMessage = { role: string; content: unknown };

/** The messages of the last chat request that the sandbox received with a text. */
async function sentWith(text: string): Promise<SentMessage[]> {
  const response = await fetch(new URL("/_control/requests", env.models.url));
  // The sandbox's own format.
  const { requests } = (await response.json()) as { requests: LoggedRequest[] };
  const bodies = requests.map(({ body }) => body as { stream?: boolean; messages?: SentMessage[] } | null);
  const found = bodies.findLast(
    (body) => body?.stream === true && JSON.stringify(body.messages).includes(text),
  );
  return found?.messages ?? [];
}

test("a message with an image and a PDF is sent whole, stored with its files, held and charged", async () => {
  const user = await addUser(env);
  const png = makePng(1_024, 768);
  const image = await add(user, png, "plan.png");
  const pdf = await add(user, makePdf(["The answer is 42."]), "report.pdf");
  const input = inputWith("What is in wire-1?", [image, pdf]);
  const { end } = await generate(runtime, user, input);
  expect(end?.outcome).toBe("done");
  const [sent] = await sentWith("wire-1");
  expect(sent).toMatchObject({
    role: "user",
    content: [
      { type: "image_url", image_url: { url: `data:image/png;base64,${png.toString("base64")}` } },
      { type: "text", text: expect.stringMatching(/^\[File "report.pdf" begins \(\w{12}\)/) },
    ],
  });
  expect(JSON.stringify(sent)).toContain("The answer is 42.");
  const { messages } = await readConversation(env.db, user.workspaceId, user.userId, input.conversationId);
  expect(messages[0]).toMatchObject({ text: "What is in wire-1?" });
  expect(messages[0]?.attachments).toEqual([image, pdf]);
  const [stored] = await env.sql<{ prompt: number; tokens: number }[]>`
    select g.prompt_tokens as prompt, m.tokens from generations g
      join messages a on a.id = g.message_id join messages m on m.id = a.parent_id where g.id = ${input.generationId}`;
  expect(stored?.tokens).toBeGreaterThan(image.tokens + pdf.tokens);
  expect(await readCredit(env, user)).toMatchObject({ open: 0, charges: 1 });
  await expect(removeAttachment(user, pdf.id)).rejects.toMatchObject({ code: "conflict" });
});

test("later messages contain the files of earlier ones, and a repeated request starts nothing twice", async () => {
  const user = await addUser(env);
  const file = await add(user, Buffer.from("The code is xyzzy."), "notes.txt");
  const first = inputWith("Read wire-2", [file]);
  await generate(runtime, user, first);
  await generate(runtime, user, first);
  expect((await readCredit(env, user)).charges).toBe(1);
  const next = startInput("And again wire-3", model, {
    conversationId: first.conversationId,
    parentId: first.answerId,
  });
  await generate(runtime, user, next);
  const messages = await sentWith("wire-3");
  expect(messages).toHaveLength(3);
  expect(messages[0]?.content).toMatch(/^\[File "notes.txt" begins[\s\S]*xyzzy[\s\S]*\n\nRead wire-2$/);
});

test("a message needs no text if it has a file, and is named after it", async () => {
  const user = await addUser(env);
  const file = await add(user, Buffer.from("wire-4"), "notes.txt");
  const input = inputWith("", [file]);
  const { end } = await generate(runtime, user, input);
  expect(end?.outcome).toBe("done");
  expect(await sentWith("wire-4")).toHaveLength(1);
});

test("files of others, removed files and unknown files are refused, and nothing is written", async () => {
  const [user, stranger] = [await addUser(env), await addUser(env)];
  const foreign = await add(stranger, Buffer.from("secret"), "secret.txt");
  const removed = await add(user, Buffer.from("text"), "a.txt");
  await removeAttachment(user, removed.id);
  for (const file of [foreign, removed])
    await expect(generate(runtime, user, inputWith("Read", [file]))).rejects.toMatchObject({
      code: "conflict",
      reason: { key: "reasons.fileMissing" },
    });
  expect(await readCredit(env, user)).toMatchObject({ open: 0, spent: 0, held: 0 });
});

test("a file stays while one message names it, and goes with the last chat", async () => {
  const user = await addUser(env);
  const file = await add(user, Buffer.from("kept"), "kept.txt");
  const input = inputWith("Keep", [file]);
  await generate(runtime, user, input);
  const copyId = newId();
  const fork = { messageId: input.answerId, conversationId: copyId, titleOf: (title: string) => title };
  await forkConversation(env.db, user.workspaceId, user.userId, fork, now());
  const copy = await readConversation(env.db, user.workspaceId, user.userId, copyId);
  expect(copy.messages[0]?.attachments).toEqual([file]);
  const later = new Date(now().getTime() + 3 * 86_400_000);
  const count = async () => (await env.sql`select from attachments where id = ${file.id}`).length;
  await env.sql`delete from conversations where id = ${input.conversationId}`;
  await purgeAttachments(later);
  expect(await count()).toBe(1);
  await env.sql`delete from conversations where id = ${copyId}`;
  await purgeAttachments(later);
  expect(await count()).toBe(0);
});
