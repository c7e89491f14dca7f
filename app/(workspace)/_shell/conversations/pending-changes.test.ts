import { expect, test } from "vitest";
import {
  createPendingChanges,
  type PendingChange,
} from "#app/(workspace)/_shell/conversations/pending-changes.ts";
import type { ListedConversation } from "#lib/chat/conversations/conversation-list.ts";

const chat: ListedConversation = {
  id: "a",
  title: "Chat",
  model: "m",
  updatedAt: "2026-03-10T12:00:00.000Z",
  leafId: null,
  projectId: null,
  isPinned: false,
  isArchived: false,
  isUnread: false,
  running: null,
};
const event = (conversations: ListedConversation[], removed: string[] = []) => ({
  conversations,
  removed,
  projects: null,
  availableMicros: null,
});
const of = (change: PendingChange) => new Map([[chat.id, change]]);

test("a state from before a pending change keeps its other fields and gets the changed ones", () => {
  const pending = createPendingChanges();
  const forget = pending.add(of({ fields: { isArchived: false } }));
  const late = event([{ ...chat, isArchived: true, title: "New title" }]);
  expect(pending.applyTo(late).conversations).toEqual([{ ...chat, title: "New title" }]);
  forget();
  expect(pending.applyTo(late)).toEqual(late);
});

test("the later of two pending changes of a conversation counts, until it is answered", () => {
  const pending = createPendingChanges();
  const forgetFirst = pending.add(of({ fields: { isArchived: true } }));
  const forgetSecond = pending.add(of({ fields: { isArchived: false } }));
  expect(pending.applyTo(event([chat])).conversations).toEqual([chat]);
  forgetSecond();
  expect(pending.applyTo(event([chat])).conversations).toEqual([{ ...chat, isArchived: true }]);
  forgetFirst();
  expect(pending.applyTo(event([chat])).conversations).toEqual([chat]);
});

test("an event does not bring back a conversation that is being deleted, nor remove one being restored", () => {
  const pending = createPendingChanges();
  const forgetDeletion = pending.add(of({ isDeleted: true }));
  expect(pending.applyTo(event([chat])).conversations).toEqual([]);
  expect(pending.applyTo(event([], ["a"])).removed).toEqual(["a"]);
  pending.add(of({ isDeleted: false }));
  forgetDeletion();
  expect(pending.applyTo(event([], ["a", "b"])).removed).toEqual(["b"]);
  expect(pending.applyTo(event([chat])).conversations).toEqual([chat]);
});

test("a conversation that another device deletes goes, although a change of it is pending", () => {
  const pending = createPendingChanges();
  pending.add(of({ fields: { isPinned: true } }));
  expect(pending.applyTo(event([], ["a"])).removed).toEqual(["a"]);
});
