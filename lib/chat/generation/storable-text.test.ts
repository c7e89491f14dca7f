import { expect, test } from "vitest";
import { createStorableTextStream, toStorableText } from "#lib/chat/generation/storable-text.ts";

test("a character that is split between pieces is joined, and characters that cannot be stored are dropped", () => {
  const stream = createStorableTextStream();
  expect(stream.next("so \ud83d")).toBe("so ");
  expect(stream.next("")).toBe("");
  expect(stream.next("\ude00 far")).toBe("😀 far");
  expect(toStorableText("a\0b\ude00c")).toBe("ab\ufffdc");
});
