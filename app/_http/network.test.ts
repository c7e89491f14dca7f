import { expect, test } from "vitest";
import { networkOf } from "#app/_http/network.ts";

function from(peer: string, forwarded?: string): Headers {
  return new Headers({
    "x-parley-peer": peer,
    ...(forwarded !== undefined && { "x-forwarded-for": forwarded }),
  });
}

test("without a proxy, nobody can choose their network by a header", () => {
  expect(networkOf(from("203.0.113.9", "1.2.3.4"), 0)).toBe("203.0.113.9");
});

test("behind one proxy, the proxy's word counts and what was sent to it does not", () => {
  expect(networkOf(from("10.0.0.1", "1.2.3.4, 198.51.100.7"), 1)).toBe("198.51.100.7");
});

test("behind two, the second from the end", () => {
  expect(networkOf(from("10.0.0.1", "1.2.3.4, 198.51.100.7, 10.0.0.2"), 2)).toBe("198.51.100.7");
});

test("a chain shorter than the proxies that were promised gives its first", () => {
  expect(networkOf(from("10.0.0.1"), 2)).toBe("10.0.0.1");
});

test.each([
  ["2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"],
  ["2001:0db8:0001:0002:ffff:0:0:9", "2001:db8:1:2::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["::ffff:203.0.113.9", "203.0.113.9"],
])("%s is counted as %s", (address, network) => {
  expect(networkOf(from(address), 0)).toBe(network);
});
