import { expect, test } from "vitest";
import { toQuote } from "#app/(workspace)/chat/_answer-actions/to-quote.ts";

test("every line of a quotation is marked, and an empty line follows", () => {
  expect(toQuote("one\r\ntwo")).toBe("> one\n> two\n\n");
  expect(toQuote("\n\n one \n\n\n\n  code\n")).toBe("> one\n>\n>   code\n\n");
  expect(toQuote("> nested")).toBe("> > nested\n\n");
});
