import { expect, test } from "vitest";
import { judgeCheck, pauseAfter, type UpstreamHealth } from "#lib/usage/health/judge-check.ts";

const at = (second: number) => new Date(Date.UTC(2026, 10, 30, 12, 0, second));
const healthy: UpstreamHealth = {
  upstream: "default",
  checkedAt: at(0),
  latencyMs: 20,
  listsModels: true,
  failures: 0,
  outage: null,
  since: null,
  lastError: null,
  lastErrorAt: null,
  answeredAt: null,
};
const failed = { ok: false, isKeyRejected: false, error: "status 502" } as const;
const ok = { ok: true, latencyMs: 30, listsModels: true } as const;

test("one failed check is no outage, and the second one is", () => {
  const once = judgeCheck(healthy, failed, at(10));
  expect(once).toMatchObject({ failures: 1, outage: null, lastError: "status 502", lastErrorAt: at(10) });
  const twice = judgeCheck(once, failed, at(20));
  expect(twice).toMatchObject({ failures: 2, outage: "unreachable", since: at(20) });
  expect(judgeCheck(twice, failed, at(30))).toMatchObject({ outage: "unreachable", since: at(20) });
});

test("a successful check ends an outage and keeps the last error", () => {
  const out = judgeCheck(judgeCheck(healthy, failed, at(10)), failed, at(20));
  const after = judgeCheck(out, ok, at(30));
  expect(after).toMatchObject({ failures: 0, outage: null, since: at(30), latencyMs: 30 });
  expect(after.lastError).toBe("status 502");
});

test("a rejected key is an outage at once", () => {
  const result = { ok: false, isKeyRejected: true, error: "status 401" } as const;
  expect(judgeCheck(healthy, result, at(10))).toMatchObject({ outage: "key", since: at(10) });
});

test("an upstream whose models answer between failed checks is not out", () => {
  const once = judgeCheck(healthy, failed, at(10));
  const answered = { ...once, answeredAt: at(12) };
  const twice = judgeCheck(answered, failed, at(20));
  expect(twice).toMatchObject({ failures: 1, outage: null });
  // Without an answer since the last check, the next failure counts.
  expect(judgeCheck(twice, failed, at(30))).toMatchObject({ failures: 2, outage: "unreachable" });
});

test("checks pause between 24 and 36 seconds, and 8 and 12 after a failure", () => {
  expect([pauseAfter(healthy, () => 0), pauseAfter(healthy, () => 1)]).toEqual([24_000, 36_000]);
  const out = { ...healthy, failures: 1 };
  expect([pauseAfter(out, () => 0), pauseAfter(out, () => 1)]).toEqual([8_000, 12_000]);
});
