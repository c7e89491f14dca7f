import { expect, test } from "vitest";
import { scopeFootnotes } from "#lib/chat/portability/scope-footnotes.ts";

test("footnotes and their references get the message's scope", () => {
  expect(scopeFootnotes("See[^1] and[^note].\n\n[^1]: One\n[^note]: Two", "3")).toBe(
    "See[^3-1] and[^3-note].\n\n[^3-1]: One\n[^3-note]: Two",
  );
});

test("code stays as it is", () => {
  for (const text of ["`[^1]` is a mark", "```md\n[^1]: a\n```", "~~~\n[^1]", "``a ` [^1]``", "[link](#a)"])
    expect(scopeFootnotes(text, "3")).toBe(text);
});
