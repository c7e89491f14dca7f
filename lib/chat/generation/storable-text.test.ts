import { expect, test } from "vitest";
import { splitStorableText, toStorableText } from "#lib/chat/generation/storable-text.ts";

test("a character that is split between pieces is joined, and characters that cannot be stored are dropped", () => {
  const [first, second] = ["so \ud83d", "\ude00 far"];
  const one = splitStorableText(first ?? "");
  expect(one).toEqual({ text: "so ", carry: "\ud83d" });
  expect(splitStorableText(one.carry + second).text).toBe("😀 far");
  expect(toStorableText("a\0b\ude00c")).toBe("ab\ufffdc");
});
