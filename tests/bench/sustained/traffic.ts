import { randomUUID } from "node:crypto";
import type { BenchUser } from "#tests/bench/bench-users.ts";
import { type Call, type CallResult, send } from "#tests/bench/sustained/client.ts";
import { openModel, shortModel } from "#tests/bench/sustained/start-system.ts";

export type TrafficOptions = {
  seconds: number;
  /** Answers that stream at any time. */
  streams: number;
  /** New chats per second. */
  startsPerSecond: number;
  /** API calls per second that use no model. */
  callsPerSecond: number;
};

/** What came back, by kind of call. */
export type TrafficResult = {
  streams: CallResult[];
  chats: CallResult[];
  calls: Map<string, CallResult[]>;
};

/** An answer that has ended, for calls about it. */
type EndedAnswer = { user: BenchUser; generationId: string };

/** The most chats of a user in a minute, well below the rate limit. */
const chatsPerUserAndMinute = 30;

/** How many users the traffic needs, so that no rate limit is reached. */
export function usersFor({ streams, startsPerSecond }: TrafficOptions): number {
  return streams + Math.max(1, Math.ceil((startsPerSecond * 60) / chatsPerUserAndMinute));
}

/**
 * Sends traffic for the given time, then waits until every answer has ended. New chats and calls are sent at
 * their times, whether or not earlier ones were answered.
 */
export async function runTraffic(
  url: string,
  users: BenchUser[],
  options: TrafficOptions,
): Promise<TrafficResult> {
  const { seconds, streams, startsPerSecond, callsPerSecond } = options;
  const result: TrafficResult = { streams: [], chats: [], calls: new Map() };
  const readers = users.slice(0, streams);
  const chatters = users.slice(streams);
  const startedAtMs = performance.now();
  const endsAtMs = startedAtMs + seconds * 1_000;
  let ended: EndedAnswer | null = null;

  const chat = async (user: BenchUser, model: string, dueAtMs: number): Promise<CallResult> => {
    const generationId = randomUUID();
    const answer = await send(url, startOf(url, user, generationId, model), dueAtMs);
    ended = { user, generationId };
    return checkEnd(answer);
  };
  const keepStreaming = async (user: BenchUser, index: number): Promise<void> => {
    // Spread over the length of an answer, so that they do not all end together.
    await new Promise((resolve) =>
      setTimeout(resolve, (index / streams) * Math.min(10, seconds / 3) * 1_000),
    );
    while (performance.now() < endsAtMs) result.streams.push(await chat(user, openModel, performance.now()));
  };
  const startChat = async (index: number, dueAtMs: number): Promise<void> => {
    const user = chatters[index % chatters.length];
    if (user !== undefined) result.chats.push(await chat(user, shortModel, dueAtMs));
  };
  const callApi = async (index: number, dueAtMs: number): Promise<void> => {
    const user = chatters[index % chatters.length];
    const probe = probes[index % probes.length];
    if (user === undefined || probe === undefined || ended === null) return;
    const answer = await send(url, probe.call(user, ended), dueAtMs);
    const answers = result.calls.get(probe.name) ?? [];
    answers.push(answer);
    result.calls.set(probe.name, answers);
  };

  await Promise.all([
    ...readers.map(keepStreaming),
    atRate(startsPerSecond, startedAtMs, endsAtMs, startChat),
    atRate(callsPerSecond, startedAtMs, endsAtMs, callApi),
  ]);
  return result;
}

/** Runs an action at a rate, and resolves when all have ended. A late timer catches up. */
async function atRate(
  perSecond: number,
  startedAtMs: number,
  endsAtMs: number,
  act: (index: number, dueAtMs: number) => Promise<void>,
): Promise<void> {
  const running: Promise<void>[] = [];
  let index = 0;
  const dueAtMs = () => startedAtMs + (index / perSecond) * 1_000;
  while (perSecond > 0 && dueAtMs() < endsAtMs) {
    while (dueAtMs() <= performance.now() && dueAtMs() < endsAtMs) {
      running.push(act(index, dueAtMs()));
      index += 1;
    }
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueAtMs() - performance.now())));
  }
  await Promise.all(running);
}

function startOf(url: string, user: BenchUser, generationId: string, model: string): Call {
  const body = JSON.stringify({
    generationId,
    conversationId: randomUUID(),
    parentId: null,
    message: { id: randomUUID(), text: "How are foxes?" },
    answerId: randomUUID(),
    model,
  });
  const headers = { "content-type": "application/json", cookie: user.cookie, origin: url };
  return { method: "POST", path: "/api/openai/chat", headers, body };
}

/** An answer that was accepted and does not end well is a failure. */
function checkEnd(answer: CallResult): CallResult {
  if (answer.status !== 200 || answer.failure !== null || answer.tail.includes('"outcome":"done"'))
    return answer;
  return { ...answer, failure: `an answer that ends with ${answer.tail.slice(-200)}` };
}

const withKey = (user: BenchUser) => ({ authorization: `Bearer ${user.apiKey}` });
const withSession = (user: BenchUser) => ({ cookie: user.cookie });

type Probe = { name: string; call: (user: BenchUser, ended: EndedAnswer) => Call };
const get = (name: string, headers: (user: BenchUser) => Record<string, string>): Probe => ({
  name: `GET ${name}`,
  call: (user) => ({ method: "GET", path: name, headers: headers(user) }),
});

/** Every API call of users and programs that uses no model and no payment provider. */
const probes: Probe[] = [
  get("/api/v1/usage?group=model", withKey),
  get("/api/openai/usage?group=day", withSession),
  get("/api/v1/models", withKey),
  {
    name: "GET /api/openai/chat/:id/stream",
    call: (_user, { user, generationId }) => ({
      method: "GET",
      path: `/api/openai/chat/${generationId}/stream`,
      headers: withSession(user),
    }),
  },
  {
    name: "POST /api/openai/chat/:id/stop",
    call: (_user, { user, generationId }) => ({
      method: "POST",
      path: `/api/openai/chat/${generationId}/stop`,
      headers: withSession(user),
    }),
  },
  get("/api/health", () => ({})),
  get("/api/ready", () => ({})),
];
