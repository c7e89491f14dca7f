import { Resolver } from "node:dns/promises";
import { BlockList, isIP } from "node:net";
import type { CompletionRequest } from "#lib/chat/api/request-schema.ts";
import { env } from "#lib/core/env.ts";
import { invalidInput } from "#lib/core/errors.ts";

/** Networks that are not on the public internet: private, local, shared, reserved, multicast. */
const privateNetworks = new BlockList();
for (const [network, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 3],
] as const)
  privateNetworks.addSubnet(network, bits, "ipv4");
for (const [network, bits] of [
  ["::", 96],
  ["64:ff9b::", 96],
  ["100::", 64],
  ["fc00::", 7],
  ["fe80::", 9],
  ["ff00::", 8],
] as const)
  privateNetworks.addSubnet(network, bits, "ipv6");

const privateNames = /(^|\.)(localhost|local|internal|intranet|lan|home|corp|private|home\.arpa)$/;
/** More hosts than a request with many images has; each costs a lookup. */
const maxHosts = 32;
const lookupTimeoutMs = 1_000;

/**
 * Checks that the images of a request are data URLs or on the public internet: the upstream fetches them, and
 * one that runs inside our network could reach what nobody outside may read. A name is looked up; one that
 * cannot be resolved here is left to the upstream. ALLOW_PRIVATE_IMAGE_URLS switches the check off.
 * @throws AppError invalid_input with the path of the URL
 */
export async function checkImageUrls({ messages }: Pick<CompletionRequest, "messages">): Promise<void> {
  const hosts = new Map<string, string>();
  for (const [index, { content }] of messages.entries()) {
    for (const [position, part] of (Array.isArray(content) ? content : []).entries()) {
      if (part.type !== "image_url") continue;
      const path = `messages.${index}.content.${position}.image_url.url`;
      const host = readHost(part.image_url.url, path);
      if (host !== null) hosts.set(host, path);
    }
  }
  if (env().ALLOW_PRIVATE_IMAGE_URLS === "on") return;
  for (const [host, path] of hosts) if (isPrivateHost(host)) throw refuse(path);
  const names = [...hosts].filter(([host]) => isIP(host) === 0);
  const [, tooMany] = names[maxHosts] ?? [];
  if (tooMany !== undefined)
    throw invalidInput([{ path: tooMany, message: `Images from more than ${maxHosts} hosts.` }]);
  await Promise.all(names.map(async ([host, path]) => resolvesToPrivate(host, path)));
}

/** The host of a URL that the upstream fetches, without brackets; null for a data URL. */
function readHost(text: string, path: string): string | null {
  if (/^data:/i.test(text)) return null;
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:"))
    throw invalidInput([{ path, message: "Expected an https URL or a data URL." }]);
  return url.hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
}

function isPrivateHost(host: string): boolean {
  const kind = isIP(host);
  if (kind !== 0) return isPrivateAddress(host);
  return !host.includes(".") || privateNames.test(host);
}

/** Whether an address is not on the public internet; an IPv4 address within IPv6 counts as itself. */
export function isPrivateAddress(address: string): boolean {
  return privateNetworks.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

/** Looks a name up without the thread pool, which a slow name server could fill. */
async function resolvesToPrivate(host: string, path: string): Promise<void> {
  const resolver = new Resolver({ timeout: lookupTimeoutMs, tries: 1 });
  const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
  for (const answer of answers)
    if (answer.status === "fulfilled" && answer.value.some(isPrivateAddress)) throw refuse(path);
}

function refuse(path: string) {
  return invalidInput([{ path, message: "This address is not on the public internet." }]);
}
