import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { findFreePort } from "#sandbox/ports.ts";

test.each(["127.0.0.1", "0.0.0.0"])("a port that is taken on %s is left alone", async (host) => {
  const preferred = await findFreePort(0);
  const other = createServer().listen(preferred, host);
  await once(other, "listening");
  expect(await findFreePort(preferred)).toBeGreaterThan(preferred);
  other.close();
  await once(other, "close");
  expect(await findFreePort(preferred)).toBe(preferred);
});
