import { expect, test } from "vitest";
import { clientNetwork } from "#app/_http/server/client-network.ts";

function headersFrom(peer: string, forwarded?: string): Headers {
  return new Headers({
    "x-parley-peer": peer,
    ...(forwarded !== undefined && { "x-forwarded-for": forwarded }),
  });
}

test("without trusted proxies, X-Forwarded-For is ignored", () => {
  expect(clientNetwork(headersFrom("203.0.113.9", "1.2.3.4"), 0)).toBe("203.0.113.9");
});

test("behind one trusted proxy, the last forwarded address is the client", () => {
  expect(clientNetwork(headersFrom("10.0.0.1", "1.2.3.4, 198.51.100.7"), 1)).toBe("198.51.100.7");
});

test("behind two trusted proxies, the second forwarded address from the end is the client", () => {
  expect(clientNetwork(headersFrom("10.0.0.1", "1.2.3.4, 198.51.100.7, 10.0.0.2"), 2)).toBe("198.51.100.7");
});

test("a chain shorter than the number of trusted proxies yields its first address", () => {
  expect(clientNetwork(headersFrom("10.0.0.1"), 2)).toBe("10.0.0.1");
});

test.each([
  ["2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"],
  ["2001:0db8:0001:0002:ffff:0:0:9", "2001:db8:1:2::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["::ffff:203.0.113.9", "203.0.113.9"],
])("the network of %s is %s", (address, network) => {
  expect(clientNetwork(headersFrom(address), 0)).toBe(network);
});
