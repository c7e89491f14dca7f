import { afterAll, beforeAll, expect, test } from "vitest";
import { listRunningGenerations } from "#lib/chat/generation/list-running-generations.ts";
import { newId } from "#lib/core/ids.ts";
import {
  addUser,
  type ChatTestEnv,
  startChatTestEnv,
  type TestUser,
} from "#tests/integration/chat/chat-test-env.ts";

let env: ChatTestEnv;

beforeAll(async () => {
  env = await startChatTestEnv();
});
afterAll(() => env.close());

type Written = { conversationId: string; generationId: string };

/** Writes a conversation with one generation of another process. */
async function writeAnswer(owner: TestUser, status: "running" | "done", deleted = false): Promise<Written> {
  const [conversationId, messageId, generationId] = [newId(), newId(), newId()];
  const { workspaceId, userId } = owner;
  await env.sql`
    insert into conversations (id, workspace_id, user_id, title, model, created_at, updated_at, deleted_at)
    values (${conversationId}, ${workspaceId}, ${userId}, 'A title', 'gpt-4.1-mini', now(), now(),
      ${deleted ? new Date().toISOString() : null})`;
  await env.sql`
    insert into messages (id, workspace_id, conversation_id, role, parts, content, created_at)
    values (${messageId}, ${workspaceId}, ${conversationId}, 'assistant', '[]', '', now())`;
  await env.sql`
    insert into generations
      (id, workspace_id, user_id, conversation_id, message_id, model, status, instance_id, heartbeat_at, started_at, ended_at)
    values (${generationId}, ${workspaceId}, ${userId}, ${conversationId}, ${messageId}, 'gpt-4.1-mini', ${status},
      'elsewhere', now(), now(), ${status === "running" ? null : new Date().toISOString()})`;
  return { conversationId, generationId };
}

test("listRunningGenerations lists only running generations of the user's own, not deleted conversations", async () => {
  const user = await addUser(env);
  const otherUser = await addUser(env);
  const first = await writeAnswer(user, "running");
  const second = await writeAnswer(user, "running");
  await writeAnswer(user, "done");
  await writeAnswer(user, "running", true);
  const foreignAnswer = await writeAnswer(otherUser, "running");

  expect(await listRunningGenerations(env.db, user.workspaceId, user.userId)).toEqual([first, second]);
  expect(await listRunningGenerations(env.db, otherUser.workspaceId, otherUser.userId)).toEqual([
    foreignAnswer,
  ]);
  expect(await listRunningGenerations(env.db, user.workspaceId, otherUser.userId)).toEqual([]);
});
