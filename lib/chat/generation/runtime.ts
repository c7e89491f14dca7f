import { readlinkSync } from "node:fs";
import { hostname } from "node:os";
import type postgres from "postgres";
import { type Db, db, listenerSql, sql } from "#db/client.ts";
import type { LiveAnswer } from "#lib/chat/generation/live-answer.ts";
import { createWakeBus, type WakeBus } from "#lib/chat/generation/readers/wake-bus.ts";
import { newId } from "#lib/core/ids.ts";
import { singleton } from "#lib/core/singleton.ts";
import { defaultTimeouts, type Timeouts } from "#lib/gateways/openai/call-timers.ts";

/** Intervals and limits of a runtime, in milliseconds. */
export type Timings = {
  /** Between two writes of the log. */
  flushMs: number;
  /** Between two heartbeats, which also save partial messages and find stops. */
  heartbeatMs: number;
  /** Between two polls of a reader on another instance. */
  pollMs: number;
  /** Between two heartbeat comments on a silent stream. */
  readerHeartbeatMs: number;
  /** The time without a heartbeat after which a generation's process counts as dead. */
  deadAfterMs: number;
};

const defaultTimings: Timings = {
  flushMs: 200,
  heartbeatMs: 5_000,
  pollMs: 2_000,
  readerHeartbeatMs: 15_000,
  deadAfterMs: 30_000,
};

/** A generation that runs in this process, with the means to end it. */
export type GenerationRun = {
  answer: LiveAnswer;
  holdId: string;
  startedAtMs: number;
  /** Aborts the call to the model; the reason is a GenerationAborted. */
  controller: AbortController;
  /** How much of thinking and text is in the log. */
  loggedLength: number;
  /** How much of thinking and text is in the message row. */
  savedLength: number;
  /** True while it is being finalized: the writer no longer writes for it. */
  detached: boolean;
  /** Settles when the generation is finalized. */
  finished: Promise<void>;
};

/** The state of the chat in one process: its generations and its connection to other processes. */
export type ChatRuntime = {
  instanceId: string;
  sql: () => postgres.Sql;
  db: () => Db;
  running: Map<string, GenerationRun>;
  /** Starts whose generation may be committed but is not in `running` yet. */
  starting: Set<Promise<unknown>>;
  wake: WakeBus;
  timings: Timings;
  timeouts: Timeouts;
  /** True from the shutdown on: no generation starts any more. */
  closing: boolean;
  /** The timers of the writer while generations run; see writer.ts. */
  writer: { stop: () => Promise<void> } | undefined;
};

type RuntimeOptions = {
  connection?: { sql: postgres.Sql; db: Db };
  instanceId?: string;
  timings?: Partial<Timings>;
  timeouts?: Partial<Timeouts>;
};

/** Creates a runtime. Tests create several, which act as several instances. */
export function createRuntime(options: RuntimeOptions = {}): ChatRuntime {
  const { connection } = options;
  const instanceId = options.instanceId ?? instanceName();
  const ownSql = connection === undefined ? sql : () => connection.sql;
  const ownListener = connection === undefined ? listenerSql : ownSql;
  return {
    instanceId,
    sql: ownSql,
    db: connection === undefined ? db : () => connection.db,
    running: new Map(),
    starting: new Set(),
    wake: createWakeBus(ownListener, instanceId),
    timings: { ...defaultTimings, ...options.timings },
    timeouts: { ...defaultTimeouts, ...options.timeouts },
    closing: false,
    writer: undefined,
  };
}

/** Returns the runtime of this process. */
export function chatRuntime(): ChatRuntime {
  return singleton("chat.runtime", () => createRuntime());
}

/** Contains host and process id, so that a new process on the same host can tell that an old one is gone. */
function instanceName(): string {
  return `${hostName()}/${process.pid}/${newId()}`;
}

/**
 * Identifies the process id namespace: containers may share a host name, but each has its own process ids.
 */
function hostName(): string {
  try {
    return `${hostname()}:${readlinkSync("/proc/self/ns/pid").replace(/\D/g, "")}`;
  } catch {
    return hostname();
  }
}

/** Returns true when the process with this instance name ran on this host and no longer exists. */
export function isKnownDead(instanceId: string, ownName: string): boolean {
  const [host, pid] = instanceId.split("/");
  if (instanceId === ownName || host !== hostName() || pid === undefined) return false;
  // Our own process id under another name: an earlier process had it.
  if (Number(pid) === process.pid) return ownName.startsWith(`${host}/${pid}/`);
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}
