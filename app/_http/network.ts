import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import { isIPv6 } from "node:net";
import type { Origin } from "#lib/accounts/sign-in-limits.ts";
import { env } from "#lib/ground/env.ts";
import { singleton } from "#lib/ground/singleton.ts";

const peerHeader = "x-parley-peer";

/**
 * Notes on every request the address of the machine that sent it, before anything reads the request. Next.js does not
 * hand the socket on, and what a request says of itself in X-Forwarded-For can be made up. Call once at start.
 */
export function notePeers(): void {
  singleton("network.peers", () => {
    subscribe("http.server.request.start", (message) => {
      // Node documents the message of this channel, and does not type it.
      const { request } = message as { request: IncomingMessage };
      request.headers[peerHeader] = request.socket.remoteAddress ?? "unknown";
    });
    return true;
  });
}

/** Where a request comes from, for limits and for the list of devices. */
export function originOf(headers: Headers): Origin {
  return {
    network: networkOf(headers, env().TRUSTED_PROXIES),
    userAgent: headers.get("user-agent"),
  };
}

/**
 * The network that limits are counted against: an IPv4 address, or the /64 that one IPv6 household has.
 * @param trustedProxies how many of the machines nearest to us may be believed about whom they speak for
 */
export function networkOf(headers: Headers, trustedProxies: number): string {
  const forwarded = (headers.get("x-forwarded-for") ?? "").split(",").map((part) => part.trim());
  const chain = [...forwarded.filter((part) => part !== ""), headers.get(peerHeader) ?? "unknown"];
  const client = chain[Math.max(0, chain.length - 1 - trustedProxies)] ?? "unknown";
  return networkOfAddress(client);
}

function networkOfAddress(address: string): string {
  const bare = address.replace(/^\[|\](:\d+)?$/g, "").replace(/^::ffff:(?=\d+\.)/i, "");
  if (!isIPv6(bare)) return bare.slice(0, 64);
  const [head = "", tail = ""] = bare.split("%")[0]?.toLowerCase().split("::") ?? [];
  const left = head.split(":").filter((part) => part !== "");
  const right = tail.split(":").filter((part) => part !== "");
  const missing = bare.includes("::") ? 8 - left.length - right.length : 0;
  const groups = [...left, ...Array.from({ length: missing }, () => "0"), ...right];
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":")}::/64`;
}
