import { expect, test, vi } from "vitest";
import {
  AppError,
  errorReason,
  fieldProblem,
  invalidInput,
  notFound,
  toPublicError,
} from "#lib/core/errors.ts";

test("an unknown error becomes a generic public error", () => {
  const shown = toPublicError(new Error("connection to 10.0.0.7 refused"));
  expect(shown.code).toBe("internal");
  expect(shown.status).toBe(500);
  expect(shown.message).not.toContain("10.0.0.7");
  expect(shown.cause).toBeInstanceOf(Error);
});

test("a statement after the shutdown has closed the database becomes a 503 that may be repeated", () => {
  const driver = Object.assign(new Error("write CONNECTION_ENDED"), { code: "CONNECTION_ENDED" });
  for (const error of [driver, new Error("Failed query", { cause: driver })])
    expect(toPublicError(error)).toMatchObject({
      code: "server_restarting",
      status: 503,
      level: "warn",
      retryAfterSeconds: 1,
    });
  const circular = new Error("a");
  circular.cause = circular;
  expect(toPublicError(circular).code).toBe("internal");
});

test("toPublicError returns an AppError unchanged", () => {
  const error = new AppError("too_many_requests", { retryAfterSeconds: 7, details: { key: "k" } });
  expect(toPublicError(error)).toBe(error);
  expect(error).toMatchObject({ status: 429, level: "info", retryAfterSeconds: 7 });
});

test("instanceof accepts an AppError of another copy of the module and no other error", async () => {
  vi.resetModules();
  const copy = await import("#lib/core/errors.ts");
  expect(copy.AppError).not.toBe(AppError);
  expect(toPublicError(new copy.AppError("model_busy")).code).toBe("model_busy");
  for (const other of [new Error("AppError"), { name: "AppError" }, null, undefined, "AppError"])
    expect(other instanceof AppError).toBe(false);
});

test("notFound does not reveal whether the resource exists", () => {
  expect(notFound("conversation")).toMatchObject({
    status: 404,
    message: "This chat doesn’t exist.",
  });
});

test("invalidInput lists an error per field", () => {
  const fields = [{ path: "message.text", message: "Write something." }];
  expect(invalidInput(fields)).toMatchObject({ status: 400, code: "invalid_input", fields });
});

test("a reason gives the English text with its parameters, and is kept for other languages", () => {
  const reason = errorReason("attemptsExceeded", { minutes: 3 });
  const error = new AppError("too_many_requests", { reason });
  expect(error.message).toBe("Too many attempts. Try again in 3 minutes.");
  expect(error.reason).toEqual({ key: "reasons.attemptsExceeded", values: { minutes: 3 } });
  expect(new AppError("conflict").reason).toEqual({ key: "codes.conflict" });
  expect(new AppError("conflict", { message: "For the API" }).reason).toBeUndefined();
});

test("amounts in a field's problem are in dollars", () => {
  const range = fieldProblem("cap", "amountOutOfRange", { min: 0.5, max: 1_000 });
  expect(range.message).toBe("Enter an amount from $0.50 to $1,000.00.");
});
