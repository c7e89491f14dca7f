import type postgres from "postgres";
import { log } from "#lib/core/log.ts";

/**
 * The kind of a notification between processes. Its ids are of generations; for "title" of conversations.
 * Triggers of the database send "revoked" with sessions and API keys, and "list" with users.
 */
export type WakeKind = "written" | "stop" | "title" | "revoked" | "list";

/**
 * Lets processes notify each other through PostgreSQL's NOTIFY. A message may be lost when a connection
 * breaks, so it carries no state. When the process listens, also for the first time, everybody who waits for
 * something to read is woken. A lost "stop" or "revoked" is found by the checks of its own.
 */
export type WakeBus = {
  /** Calls `wake` at each message of this kind with this id. Returns a function that unsubscribes. */
  on(kind: WakeKind, id: string, wake: () => void): () => void;
  /** Resolves to whether this process listens. Waiters poll while it does not. */
  listening(): Promise<boolean>;
  close(): Promise<void>;
};

export const wakeChannel = "parley_chat";
/** Messages that say that there is something to read. "stop" and "revoked" are orders, given once. */
const isReadable = /^(written|title|list):/;
/** Keeps a message below PostgreSQL's limit of 8,000 bytes. */
const idsPerMessage = 180;

/** Returns the messages for pg_notify that contain all these ids. */
export function wakeMessages(kind: WakeKind, sender: string, ids: string[]): string[] {
  const messages: string[] = [];
  for (let from = 0; from < ids.length; from += idsPerMessage) {
    messages.push(`${kind} ${sender} ${ids.slice(from, from + idsPerMessage).join(",")}`);
  }
  return messages;
}

/**
 * Creates the bus of a process.
 * @param instanceId this process; it ignores its own "written" messages
 */
export function createWakeBus(sql: () => postgres.Sql, instanceId: string): WakeBus {
  const wakes = new Map<string, Set<() => void>>();
  let subscription: Promise<{ unlisten: () => Promise<void> } | undefined> | undefined;
  const receive = (message: string) => {
    const [kind, sender, ids] = message.split(" ");
    if (kind === "written" && sender === instanceId) return;
    for (const id of (ids ?? "").split(",")) {
      for (const wake of wakes.get(`${kind}:${id}`) ?? []) wake();
    }
  };
  const wakeReaders = () => {
    for (const [name, set] of wakes) if (isReadable.test(name)) for (const wake of set) wake();
  };
  const listen = () =>
    sql()
      .listen(wakeChannel, receive, wakeReaders)
      .catch((error) => {
        subscription = undefined;
        log.warn({ err: error }, "LISTEN failed; polling instead");
        return undefined;
      });
  const listening = async () => {
    subscription ??= listen();
    return (await subscription) !== undefined;
  };
  return {
    listening,
    on(kind, id, wake) {
      void listening();
      const name = `${kind}:${id}`;
      const set = wakes.get(name) ?? new Set();
      wakes.set(name, set.add(wake));
      return () => {
        set.delete(wake);
        if (set.size === 0) wakes.delete(name);
      };
    },
    async close() {
      const listener = await subscription;
      subscription = undefined;
      await listener?.unlisten();
    },
  };
}
