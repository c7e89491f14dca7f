import { afterEach, expect, test } from "vitest";
import { type Alert, deliverAlertsTo, raiseAlert, watchErrorRate } from "#lib/core/alerts.ts";
import { AppError } from "#lib/core/errors.ts";
import { failEvent, withEvent } from "#lib/core/log.ts";

const hourMs = 3_600_000;
const sent: Alert[] = [];
const alert = (key: string): Alert => ({ key, title: "Something is wrong", detail: "It broke." });

afterEach(() => {
  deliverAlertsTo(undefined);
  sent.length = 0;
});

test("an alert is delivered once per hour and key, and another key is delivered immediately", async () => {
  deliverAlertsTo(async (raised) => void sent.push(raised));
  await raiseAlert(alert("first"), 0);
  await raiseAlert(alert("first"), hourMs - 1);
  await raiseAlert(alert("second"), hourMs - 1);
  await raiseAlert(alert("first"), hourMs);
  expect(sent.map((raised) => raised.key)).toEqual(["first", "second", "first"]);
});

test("a failed delivery does not throw, and the next alert is delivered again", async () => {
  deliverAlertsTo(() => Promise.reject(new Error("no database")));
  await raiseAlert(alert("retried"), 0);
  deliverAlertsTo(async (raised) => void sent.push(raised));
  await raiseAlert(alert("retried"), 1);
  expect(sent.map((raised) => raised.key)).toEqual(["retried"]);
});

test("the eleventh internal error within a minute raises an alert, and client errors never do", async () => {
  deliverAlertsTo(async (raised) => void sent.push(raised));
  const stop = watchErrorRate();
  const fail = (code: "internal" | "not_found") => withEvent("test", {}, () => failEvent(new AppError(code)));
  for (let count = 0; count < 50; count++) await fail("not_found");
  for (let count = 0; count < 10; count++) await fail("internal");
  expect(sent).toEqual([]);
  await fail("internal");
  stop();
  expect(sent.map((raised) => raised.key)).toEqual(["error-rate"]);
});
