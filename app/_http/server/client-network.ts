import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import { isIPv6 } from "node:net";
import { browserLocale } from "#app/_i18n/locale-cookie.ts";
import type { RequestOrigin } from "#lib/accounts/sign-in-limits.ts";
import { env } from "#lib/core/env.ts";
import { singleton } from "#lib/core/singleton.ts";

const peerHeader = "x-parley-peer";

/**
 * Adds the peer's IP address to every incoming request as a header. Next.js does not expose the socket, and
 * clients can forge X-Forwarded-For. Call once at start.
 */
export function recordPeerAddresses(): void {
  singleton("network.peers", () => {
    subscribe("http.server.request.start", (message) => {
      // Node.js documents the message of this channel but has no type for it.
      const { request } = message as { request: IncomingMessage };
      request.headers[peerHeader] = request.socket.remoteAddress ?? "unknown";
    });
    return true;
  });
}

/** Returns the client's network, user agent and language. The id of the browser is in its cookie. */
export function readOrigin(headers: Headers): Omit<RequestOrigin, "deviceId"> {
  return {
    network: clientNetwork(headers, env().TRUSTED_PROXIES),
    userAgent: headers.get("user-agent"),
    locale: browserLocale(headers.get("cookie"), headers.get("accept-language")),
  };
}

/**
 * Returns the network that rate limits apply to: an IPv4 address, or an IPv6 /64 prefix (one household).
 * @param trustedProxies the number of proxies in front of the app whose X-Forwarded-For entries are trusted
 */
export function clientNetwork(headers: Headers, trustedProxies: number): string {
  const forwarded = (headers.get("x-forwarded-for") ?? "").split(",").map((part) => part.trim());
  const chain = [...forwarded.filter((part) => part !== ""), headers.get(peerHeader) ?? "unknown"];
  const client = chain[Math.max(0, chain.length - 1 - trustedProxies)] ?? "unknown";
  return toNetwork(client);
}

function toNetwork(address: string): string {
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
