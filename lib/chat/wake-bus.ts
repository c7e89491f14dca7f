import type postgres from "postgres";
import { log } from "#lib/core/log.ts";

/** What one process tells the others about answers; `ids` are of generations, for "title" of conversations. */
export type WakeKind = "written" | "stop" | "title";

/**
 * Lets processes wake each other through PostgreSQL's NOTIFY. A message may be lost (a connection breaks), so it only ever
 * says "look now": whoever waits for something also looks by itself now and then.
 */
export type WakeBus = {
  /** Calls `wake` at each message of this kind about this id. Returns how to stop. */
  on(kind: WakeKind, id: string, wake: () => void): () => void;
  /** Resolves once this process hears the others, or has failed to. */
  listening(): Promise<void>;
  close(): Promise<void>;
};

export const wakeChannel = "parley_chat";
/** PostgreSQL takes 8,000 bytes a message. */
const idsAMessage = 180;

/** The texts to send with pg_notify, so that every process hears of all these ids. */
export function wakeMessages(kind: WakeKind, sender: string, ids: string[]): string[] {
  const messages: string[] = [];
  for (let from = 0; from < ids.length; from += idsAMessage) {
    messages.push(`${kind} ${sender} ${ids.slice(from, from + idsAMessage).join(",")}`);
  }
  return messages;
}

/**
 * @param instanceId this process, which does not need to hear its own "written"
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
  const listen = () =>
    sql()
      .listen(wakeChannel, receive)
      .catch((error) => {
        subscription = undefined;
        log.warn({ err: error }, "Other processes cannot be heard; looking from time to time instead");
        return undefined;
      });
  const listening = async () => {
    subscription ??= listen();
    await subscription;
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
