import { afterAll, beforeAll, expect, test } from "vitest";
import { listRunning } from "#lib/chat/list-running.ts";
import { newId } from "#lib/core/ids.ts";
import {
  addPerson,
  type ChatWorld,
  createChatWorld,
  type Person,
} from "#tests/integration/chat/chat-world.ts";

let world: ChatWorld;

beforeAll(async () => {
  world = await createChatWorld();
});
afterAll(() => world.close());

type Written = { conversationId: string; generationId: string };

/** A conversation with one answer, as a process writes it that is not here. */
async function writeAnswer(owner: Person, status: "running" | "done", deleted = false): Promise<Written> {
  const [conversationId, messageId, generationId] = [newId(), newId(), newId()];
  const { workspaceId, userId } = owner;
  await world.sql`
    insert into conversations (id, workspace_id, user_id, title, model, created_at, updated_at, deleted_at)
    values (${conversationId}, ${workspaceId}, ${userId}, 'A title', 'gpt-4.1-mini', now(), now(),
      ${deleted ? new Date().toISOString() : null})`;
  await world.sql`
    insert into messages (id, workspace_id, conversation_id, role, parts, content, created_at)
    values (${messageId}, ${workspaceId}, ${conversationId}, 'assistant', '[]', '', now())`;
  await world.sql`
    insert into generations
      (id, workspace_id, user_id, conversation_id, message_id, model, status, instance_id, heartbeat_at, started_at, ended_at)
    values (${generationId}, ${workspaceId}, ${userId}, ${conversationId}, ${messageId}, 'gpt-4.1-mini', ${status},
      'elsewhere', now(), now(), ${status === "running" ? null : new Date().toISOString()})`;
  return { conversationId, generationId };
}

test("what is being written for a person is listed: none that ended, of a deleted conversation, or of somebody else", async () => {
  const person = await addPerson(world);
  const stranger = await addPerson(world);
  const first = await writeAnswer(person, "running");
  const second = await writeAnswer(person, "running");
  await writeAnswer(person, "done");
  await writeAnswer(person, "running", true);
  const theirs = await writeAnswer(stranger, "running");

  expect(await listRunning(world.db, person.workspaceId, person.userId)).toEqual([first, second]);
  expect(await listRunning(world.db, stranger.workspaceId, stranger.userId)).toEqual([theirs]);
  expect(await listRunning(world.db, person.workspaceId, stranger.userId)).toEqual([]);
});
