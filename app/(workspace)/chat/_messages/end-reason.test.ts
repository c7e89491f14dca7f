import { expect, test } from "vitest";
import { chat as de } from "#app/_messages/de/chat.ts";
import { chat as en } from "#app/_messages/en/chat.ts";
import { endReason } from "#app/(workspace)/chat/_messages/end-reason.ts";
import { errorMessages } from "#lib/core/error-messages.ts";

const failed = (code: string, text = "") => ({ status: "failed" as const, problem: { code }, text });

test("every error code that an answer can end with has a text in both languages", () => {
  for (const code of Object.keys(errorMessages.codes)) {
    const key = endReason(failed(code));
    expect(en.outcome[key], code).toBeTruthy();
    expect(de.outcome[key], code).toBeTruthy();
  }
});

test("what the model or the connection reports is named", () => {
  const ends = [
    "model_busy",
    "model_timeout",
    "model_unavailable",
    "context_too_long",
    "bad_request",
    "internal",
    "unauthenticated",
    "not_found",
  ].map((code) => endReason(failed(code)));
  expect(new Set(ends).size).toBe(ends.length);
  expect(ends).not.toContain("failed");
});

test("a model that failed before its first word did not answer; later it stopped", () => {
  expect(endReason(failed("model_failed"))).toBe("modelFailed");
  expect(endReason(failed("model_failed", "Some text"))).toBe("modelStopped");
});

test("an unknown code and an end without a code have the general text", () => {
  expect(endReason(failed("from_a_newer_server"))).toBe("failed");
  expect(endReason({ status: "interrupted", problem: null, text: "" })).toBe("interrupted");
});
