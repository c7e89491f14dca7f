import { expect, test } from "vitest";
import { z } from "zod";
import { parseInput } from "#app/_http/request-input.ts";
import { emailSchema } from "#lib/accounts/email-address.ts";
import { completionRequestSchema } from "#lib/chat/api/request-schema.ts";
import { AppError, type FieldProblem, fieldKey } from "#lib/core/errors.ts";

function problemsOf(schema: z.ZodType, value: unknown): FieldProblem[] {
  try {
    parseInput(schema, value, { firstIssueOnly: true });
  } catch (error) {
    if (error instanceof AppError) return error.fields ?? [];
    throw error;
  }
  return [];
}

const completion = (more: object) => ({ model: "m", messages: [{ role: "user", content: "a" }], ...more });

test("S1: validation of an array ends at its first invalid element", () => {
  const messages = Array.from({ length: 5_000 }, () => ({}));
  expect(problemsOf(completionRequestSchema, completion({ messages }))).toEqual([
    expect.objectContaining({ path: "messages.0.role" }),
  ]);
  const one = z.object({ list: z.array(z.string()) });
  expect(problemsOf(one, { list: ["a", 1, 2] })).toEqual([expect.objectContaining({ path: "list.1" })]);
});

test("input is reported with all its invalid fields by default", () => {
  const schema = z.object({ a: z.string(), b: z.array(z.string()) });
  const fields = ["a", "b.0", "b.1"].map((path) => expect.objectContaining({ path }));
  expect(() => parseInput(schema, { b: [1, 2] })).toThrow(expect.objectContaining({ fields }));
});

test.each([
  ["messages", { messages: Array.from({ length: 10_001 }, () => ({ role: "user", content: "a" })) }],
  ["tools", { tools: Array.from({ length: 513 }, () => ({ type: "function" })) }],
  ["stop", { stop: Array.from({ length: 65 }, () => "a") }],
  ["logit_bias", { logit_bias: Object.fromEntries(Array.from({ length: 1_025 }, (_, key) => [key, 1])) }],
])("S1: the number of %s is limited", (name, more) => {
  expect(problemsOf(completionRequestSchema, completion(more))).toEqual([
    expect.objectContaining({ path: name }),
  ]);
});

test("S1: logit_bias has at most one problem, however many entries are invalid", () => {
  const biases = Object.fromEntries(Array.from({ length: 1_000 }, (_, key) => [`token-${key}`, "no"]));
  expect(problemsOf(completionRequestSchema, completion({ logit_bias: biases }))).toEqual([
    expect.objectContaining({ path: "logit_bias.token-0" }),
  ]);
  expect(problemsOf(completionRequestSchema, completion({ logit_bias: "no" }))).toHaveLength(1);
  expect(problemsOf(completionRequestSchema, completion({ logit_bias: { 50256: -100 } }))).toEqual([]);
});

test("a field's problem names its text and parameters, for screens in other languages", () => {
  const schema = z.object({ name: z.string().min(1, fieldKey("nameMissing")).max(3), email: emailSchema });
  expect(problemsOf(schema, { name: "", email: "a@x.example" })).toEqual([
    { path: "name", message: "Enter a name.", reason: { key: "fields.nameMissing", values: { min: 1 } } },
  ]);
  expect(problemsOf(schema, { name: "long", email: "a@x.example" })).toEqual([
    expect.objectContaining({ path: "name", reason: { key: "fields.tooLong", values: { max: 3 } } }),
  ]);
  expect(problemsOf(schema, { name: "a", email: "a" })).toEqual([
    expect.objectContaining({ path: "email", reason: { key: "fields.emailInvalid", values: {} } }),
  ]);
});
