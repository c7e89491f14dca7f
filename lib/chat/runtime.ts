import { readlinkSync } from "node:fs";
import { hostname } from "node:os";
import type postgres from "postgres";
import { type Db, db, sql } from "#db/client.ts";
import type { LiveAnswer } from "#lib/chat/live-answer.ts";
import { createWakeBus, type WakeBus } from "#lib/chat/wake-bus.ts";
import { newId } from "#lib/core/ids.ts";
import { singleton } from "#lib/core/singleton.ts";
import { defaultTimeouts, type Timeouts } from "#lib/gateways/openai.ts";

/** How often things happen beside an answer, in milliseconds. */
export type Timings = {
  /** The log of what was received. */
  flushMs: number;
  /** The sign of life, the partial message and the look for stops. */
  heartbeatMs: number;
  /** How often a reader on another instance looks by itself. */
  pollMs: number;
  /** Between two comments on a silent stream. */
  readerHeartbeatMs: number;
  /** The silence after which a generation's process counts as dead. */
  deadAfterMs: number;
};

const usualTimings: Timings = {
  flushMs: 200,
  heartbeatMs: 5_000,
  pollMs: 2_000,
  readerHeartbeatMs: 15_000,
  deadAfterMs: 30_000,
};

/** An answer being produced here, and the handles to end it. */
export type RunningAnswer = {
  answer: LiveAnswer;
  holdId: string;
  startedAtMs: number;
  /** Ends the call to the model; the reason says why. */
  controller: AbortController;
  /** How much of the text is in the log. */
  loggedLength: number;
  /** How much of the text is in the message row. */
  savedLength: number;
  /** Set when the answer is complete and its end is being written: the journal lets go of it. */
  complete: boolean;
  /** Settles when the answer is finalised. */
  finished: Promise<void>;
};

/** One process's share of the chat: what it produces, and how it hears of the rest. */
export type ChatRuntime = {
  instanceId: string;
  sql: () => postgres.Sql;
  db: () => Db;
  running: Map<string, RunningAnswer>;
  wake: WakeBus;
  timings: Timings;
  timeouts: Timeouts;
  /** Set at shutdown: nothing new is begun. */
  closing: boolean;
  /** The journal's timers, while something runs; see journal.ts. */
  journal: { stop: () => Promise<void> } | undefined;
};

type Options = {
  connection?: { sql: postgres.Sql; db: Db };
  instanceId?: string;
  timings?: Partial<Timings>;
  timeouts?: Partial<Timeouts>;
};

/** A runtime of its own; tests make several to play several instances. */
export function createRuntime(options: Options = {}): ChatRuntime {
  const { connection } = options;
  const instanceId = options.instanceId ?? nameOfProcess();
  const ownSql = connection === undefined ? sql : () => connection.sql;
  return {
    instanceId,
    sql: ownSql,
    db: connection === undefined ? db : () => connection.db,
    running: new Map(),
    wake: createWakeBus(ownSql, instanceId),
    timings: { ...usualTimings, ...options.timings },
    timeouts: { ...defaultTimeouts, ...options.timeouts },
    closing: false,
    journal: undefined,
  };
}

/** This process's runtime. */
export function chatRuntime(): ChatRuntime {
  return singleton("chat.runtime", () => createRuntime());
}

/** Names host and process, so that a successor on the same host can see that its predecessor is gone. */
function nameOfProcess(): string {
  return `${hostName()}/${process.pid}/${newId()}`;
}

/** Where process ids mean the same: containers may share a host's name, but each numbers its processes by itself. */
function hostName(): string {
  try {
    return `${hostname()}:${readlinkSync("/proc/self/ns/pid").replace(/\D/g, "")}`;
  } catch {
    return hostname();
  }
}

/** Whether the process that this name was given to is certainly dead: it ran on this host, and is no more. */
export function isSurelyDead(instanceId: string, ownName: string): boolean {
  const [host, pid] = instanceId.split("/");
  if (instanceId === ownName || host !== hostName() || pid === undefined) return false;
  // The same number as ours, but another name: it ran here before us.
  if (Number(pid) === process.pid) return ownName.startsWith(`${host}/${pid}/`);
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}
