import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { findFreePort } from "#sandbox/ports.ts";

test.each(["127.0.0.1", "0.0.0.0"])("a port that is taken on %s is left alone", async (host) => {
  const wished = await findFreePort(0);
  const other = createServer().listen(wished, host);
  await once(other, "listening");
  expect(await findFreePort(wished)).toBeGreaterThan(wished);
  other.close();
  await once(other, "close");
  expect(await findFreePort(wished)).toBe(wished);
});
