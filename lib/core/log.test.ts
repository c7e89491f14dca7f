import fc from "fast-check";
import { expect, test } from "vitest";
import { AppError } from "#lib/core/errors.ts";
import {
  addToEvent,
  createLog,
  currentRequestId,
  failEvent,
  hideInErrors,
  onError,
  withEvent,
} from "#lib/core/log.ts";
import { formatLogLine } from "#lib/core/log-line.ts";
import { metrics } from "#lib/core/metrics.ts";
import { setTracer } from "#lib/core/observability/tracing.ts";

function capture(): {
  lines: Record<string, unknown>[];
  text: () => string;
  log: ReturnType<typeof createLog>;
} {
  const written: string[] = [];
  const log = createLog("trace", { write: (line) => written.push(line) });
  return {
    get lines() {
      return written.map((line) => JSON.parse(line));
    },
    text: () => written.join(""),
    log,
  };
}

test("prompts, answers, keys and email addresses are never logged, at any depth", () => {
  const names = [
    "prompt",
    "answer",
    "content",
    "messages",
    "password",
    "apiKey",
    "api_key",
    "authorization",
    "email",
    "body",
  ];
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.nat(3), (name, depth) => {
      const { log, text } = capture();
      let fields: Record<string, unknown> = { [name]: "the-hidden-thing" };
      for (let level = 0; level < depth; level++) fields = { inner: fields };
      log.info(fields, "done");
      expect(text()).not.toContain("the-hidden-thing");
    }),
  );
});

test("texts and messages are masked, including those of errors", () => {
  const { log, text } = capture();
  log.info("ada@parley.example signed in");
  log.warn({ reason: "bad key sk-abcdefghijklmnopqrst" }, "call of ada@parley.example");
  log.error(new Error("no such user ada@parley.example", { cause: new Error("sk-abcdefghijklmnopqrst") }));
  log.error({ err: new Error("no such user ada@parley.example") });
  expect(text()).not.toContain("ada@parley.example");
  expect(text()).not.toContain("sk-abcdefghijklmnopqrst");
});

test("properties that drivers and SDKs add to errors are not logged", () => {
  const { log, text } = capture();
  const error = Object.assign(new Error("Failed query: select 1\nparams: the-hidden-thing"), {
    params: ["the-hidden-thing"],
    request: { body: "the-hidden-thing" },
    code: "23505",
  });
  log.error({ err: error }, "failed");
  expect(text()).not.toContain("the-hidden-thing");
  expect(text()).toContain("23505");
});

test("addToEvent adds fields to the current event only", async () => {
  const seen: (string | undefined)[] = [];
  const work = (id: string) =>
    withEvent("test.work", { requestId: id }, async () => {
      await Promise.resolve();
      addToEvent({ step: id });
      seen.push(currentRequestId());
      await withEvent("test.inner", {}, () => seen.push(currentRequestId()));
    });
  await Promise.all([work("first"), work("second")]);
  expect(seen.sort()).toEqual(["first", "first", "second", "second"]);
  expect(currentRequestId()).toBeUndefined();
});

test("lines that are logged during an event have its request id and its trace id", async () => {
  const captured = capture();
  const { log } = captured;
  const span = {
    traceId: "0af7651916cd43dd8448eb211c80319c",
    traceparent: "",
    setName: () => {},
    setAttributes: () => {},
    end: () => {},
  };
  setTracer({ startSpan: () => span });
  await withEvent("test.traced", { requestId: "request-7" }, () => log.warn("inside"));
  setTracer(undefined);
  await withEvent("test.plain", { requestId: "request-8" }, () => log.warn("inside"));
  log.warn("outside");
  const ids = captured.lines.map(({ requestId, traceId }) => [requestId, traceId]);
  expect(ids).toEqual([
    ["request-7", span.traceId],
    ["request-8", undefined],
    [undefined, undefined],
  ]);
});

test("errors are logged without what a user has sent with the request", async () => {
  const { log, text } = capture();
  await withEvent("test.input", {}, () => {
    hideInErrors({ content: "Tell nobody about the purple elephant" });
    log.error(new Error("Bad text: Tell nobody about the purple elephant"));
  });
  expect(text()).toContain("Bad text: [input]");
  expect(text()).not.toContain("elephant");
});

test("withEvent returns the value or rethrows the error unchanged", async () => {
  expect(await withEvent("test.value", {}, () => 7)).toBe(7);
  const error = new AppError("not_found");
  await expect(withEvent("test.error", {}, () => Promise.reject(error))).rejects.toBe(error);
});

test("errors are counted by code, and only internal errors notify onError listeners", async () => {
  const woken: string[] = [];
  const stop = onError((code) => woken.push(code));
  const before = await countErrors("not_found");
  await withEvent("test.theirs", {}, () => failEvent(new AppError("not_found")));
  await withEvent("test.ours", {}, () => Promise.reject(new TypeError("unforeseen"))).catch(() => {});
  stop();
  expect(woken).toEqual(["internal"]);
  expect(await countErrors("not_found")).toBe(before + 1);
});

test("formatLogLine prints time, level, message and duration on one line", () => {
  const entry = {
    time: "2026-11-23T05:12:59.039Z",
    level: "info",
    msg: "http",
    durationMs: 12,
    requestId: "r1",
  };
  expect(formatLogLine(JSON.stringify(entry))).toBe("05:12:59 info  http 12 ms requestId=r1\n");
  expect(formatLogLine("not json")).toBe("not json");
});

async function countErrors(code: string): Promise<number> {
  const { values } = await metrics.errors.get();
  return values.find((value) => value.labels.code === code)?.value ?? 0;
}
