import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { encode } from "next-auth/jwt";
import { createSseDecoder } from "#app/(workspace)/chat/_stream/sse-decoder.ts";
import { createSession, type SessionClaims } from "#lib/accounts/sessions.ts";
import { createUser } from "#lib/accounts/users.ts";
import { type EndEvent, streamEventSchema } from "#lib/chat/generation/stream-events.ts";
import { grantCredit } from "#lib/usage/grants.ts";
import type { RunningCluster } from "#tests/cluster/fixtures.ts";
import { type HttpClient, readText, type StreamedResponse } from "#tests/cluster/http-client.ts";

export const cookieName = "__Host-authjs.session-token";
export const deviceCookieName = "__Host-parley.device";
const dayMs = 86_400_000;
const model = "gpt-4.1-mini";

export type ClusterUser = { userId: string; workspaceId: string; claims: SessionClaims; cookie: string };

/** Creates a signed-in user with credit. */
export async function addUser({ connection, env }: RunningCluster): Promise<ClusterUser> {
  const { db } = connection;
  const at = new Date();
  const account = { email: `${randomUUID()}@cluster.example`, name: "Cluster", emailVerifiedAt: at };
  const created = await createUser(db, account, at);
  if (created === null) throw new Error("The email address is taken.");
  const { userId, workspaceId } = created;
  const expiresAt = new Date(at.getTime() + dayMs);
  const amountMicros = 50_000_000;
  const credit = { kind: "manual" as const, amountMicros, startsAt: at, expiresAt, sourceKey: "cluster" };
  await grantCredit(db, workspaceId, credit, at);
  const claims = await createSession(db, { userId, userAgent: "cluster" }, at);
  const token = await encode({
    token: { sub: userId, ...claims },
    secret: env.AUTH_SECRET ?? "",
    salt: cookieName,
    maxAge: dayMs / 1_000,
  });
  return { userId, workspaceId, claims, cookie: `${cookieName}=${token}` };
}

export type Start = { generationId: string; body: string };

/** A request that starts an answer in a new conversation. */
export function newStart(text: string): Start {
  const generationId = randomUUID();
  const message = { id: randomUUID(), text };
  const ids = { generationId, conversationId: randomUUID(), answerId: randomUUID() };
  return { generationId, body: JSON.stringify({ ...ids, parentId: null, message, model }) };
}

/** Headers of the user's browser. */
export function headersOf(user: ClusterUser, origin: string): Record<string, string> {
  return { cookie: user.cookie, origin, "content-type": "application/json" };
}

export type Received = { text: string; end: EndEvent | undefined };

/** Reads events into `received` until the end, the connection's end, or `until` returns true. */
export async function readEvents(
  response: StreamedResponse,
  received: Received,
  until: (received: Received) => boolean = () => false,
): Promise<void> {
  const decode = createSseDecoder();
  const iterator = response.chunks[Symbol.asyncIterator]();
  for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
    for (const { data } of decode(next.value)) {
      const event = streamEventSchema.parse(JSON.parse(data));
      if (event.type === "text") received.text += event.text;
      if (event.type === "end") received.end = event;
    }
    if (received.end !== undefined || until(received)) return;
  }
}

class Refused extends Error {}

/**
 * Starts an answer and reads it to its end as the browser does: the same request again while there is no
 * response, and a resumed stream after a lost connection.
 * @returns the text, the end, and how often it had to connect again
 */
export async function chat(
  client: HttpClient,
  headers: Record<string, string>,
  start: Start,
): Promise<Received & { reconnects: number }> {
  const received: Received = { text: "", end: undefined };
  for (let attempt = 0; attempt < 100; attempt += 1) {
    try {
      const path = `/api/openai/chat/${start.generationId}/stream?after=${received.text.length}`;
      const response = await client.request(
        received.text === ""
          ? { method: "POST", path: "/api/openai/chat", headers, body: start.body }
          : { method: "GET", path, headers },
      );
      if (response.status === 200) await readEvents(response, received);
      else if (![502, 503, 504].includes(response.status))
        throw new Refused(`${response.status} ${await readText(response)}`);
      if (received.end !== undefined) return { ...received, reconnects: attempt };
    } catch (error) {
      // Everything else is a lost connection.
      if (error instanceof Refused) throw error;
    }
    await pause(200);
  }
  throw new Error(`The answer ${start.generationId} did not end.`);
}
