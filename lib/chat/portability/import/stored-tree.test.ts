import { expect, test } from "vitest";
import { findLeaf, importedId, orderMessages } from "#lib/chat/portability/import/stored-tree.ts";

test("messages in a cycle are left out, and an unknown parent makes a root", () => {
  const message = (externalId: string, parentId: string | null) => ({
    externalId,
    parentId,
    role: "user" as const,
    text: externalId,
    reasoning: "",
    model: null,
    createdAt: null,
  });
  const ordered = orderMessages([
    message("a", "b"),
    message("b", "a"),
    message("c", "gone"),
    message("d", "c"),
  ]);
  expect(ordered.map(({ externalId, parentId }) => [externalId, parentId])).toEqual([
    ["c", null],
    ["d", "c"],
  ]);
  expect(findLeaf({ leafId: "a" }, ordered)).toBe("d");
});

test("derived ids are UUIDs, equal for the same names and different for other users and names", () => {
  expect(importedId("u", "chatgpt", "c", "m")).toBe(importedId("u", "chatgpt", "c", "m"));
  expect(importedId("u", "chatgpt", "c", "m")).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-/,
  );
  const others = [
    importedId("v", "chatgpt", "c", "m"),
    importedId("u", "claude", "c", "m"),
    importedId("u", "chatgpt", "c", "n"),
    importedId("u", "chatgpt", "cm"),
  ];
  expect(new Set([importedId("u", "chatgpt", "c", "m"), ...others]).size).toBe(5);
});
