import fc from "fast-check";
import { expect, test } from "vitest";
import { canContinue, joinContinuation } from "#lib/chat/generation/continuation/continuation.ts";

test.each([
  ["The quick brown", "brown fox", "The quick brown fox"],
  ["The quick brown", "quick brown fox", "The quick brown fox"],
  ["The quick brown ", "brown fox", "The quick brown fox"],
  ["an unfinished contin", "continuation", "an unfinished continuation"],
  ["Ein Beispiel für", "für Sie", "Ein Beispiel für Sie"],
  ["- one\n- two", "- two\n- three", "- one\n- two\n- three"],
])("what a continuation repeats is left out: %s + %s", (text, continuation, expected) => {
  expect(joinContinuation(text, continuation)).toBe(expected);
});

test.each([
  ["It ends here.", "And goes on", "It ends here. And goes on"],
  ["The quick brown", "fox", "The quick brown fox"],
  ["The quick brown", " fox", "The quick brown fox"],
  ["人工知", "能です", "人工知能です"],
  ["A list:\n", "- one", "A list:\n- one"],
  ["half of a (", "parenthesis", "half of a (parenthesis"],
])("words of a continuation do not touch the text before: %s + %s", (text, continuation, expected) => {
  expect(joinContinuation(text, continuation)).toBe(expected);
});

test("a fence that opens the open block of code again is left out, and a closing one stays", () => {
  expect(joinContinuation("```js\nlet a", "```js\nlet a = 1;\n```")).toBe("```js\nlet a = 1;\n```");
  expect(joinContinuation("```js\nlet a;\n", "```\ndone")).toBe("```js\nlet a;\n```\ndone");
  expect(joinContinuation("```js\nlet a;\n```\n", "```js\nlet b;\n```")).toContain("```\n```js\nlet b;");
});

test("nothing of the first part is ever lost, and nothing is shown twice while the repetition streams", () => {
  const words = fc.array(fc.constantFrom("one", "two", "three", "four", "\n", "fünf", "六"), {
    minLength: 1,
  });
  fc.assert(
    fc.property(words, words, fc.nat(5), (before, after, repeated) => {
      const text = before.join(" ");
      const repetition = before.slice(Math.max(0, before.length - repeated)).join(" ");
      const continuation = `${repetition} ${after.join(" ")}`;
      expect(joinContinuation(text, continuation).startsWith(text)).toBe(true);
      for (let length = 0; length <= repetition.length; length++)
        expect(joinContinuation(text, continuation.slice(0, length), true).trimEnd()).toBe(text.trimEnd());
    }),
  );
});

test("an empty continuation changes nothing", () => {
  expect(joinContinuation("text", "")).toBe("text");
  expect(joinContinuation("text", " \n")).toBe("text");
});

test("an answer that ended early with text can be continued, and no other", () => {
  const endings = [
    "length",
    "stopped",
    "out_of_credit",
    "interrupted",
    "failed",
    "done",
    "content_filter",
    "streaming",
  ];
  expect(endings.filter((status) => canContinue({ status, text: "some" }))).toEqual(endings.slice(0, 5));
  expect(endings.filter((status) => canContinue({ status, text: "" }))).toEqual([]);
});
