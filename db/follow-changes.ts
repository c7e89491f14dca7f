import { listenerSql } from "#db/client.ts";
import { log } from "#lib/core/log.ts";

const defaultPollMs = 15_000;

/** Keeps a copy of shared data in memory up to date. */
export type Follower = {
  /** Loads the data now. */
  reload(): Promise<void>;
  stop(): Promise<void>;
};

/**
 * Loads shared data, and again whenever a process notifies the channel. Notifications can be lost, for
 * example where a pooler does not support LISTEN, so it is loaded at an interval as well. A failure keeps the
 * copy and is logged.
 * @param load replaces the copy; not called while it runs
 */
export async function followChanges(
  channel: string,
  load: () => Promise<void>,
  pollMs = defaultPollMs,
): Promise<Follower> {
  let running: Promise<void> | undefined;
  let isStale = false;
  let isStopped = false;

  async function loadUntilFresh(): Promise<void> {
    do {
      isStale = false;
      await load().catch((error) =>
        log.warn({ err: error, channel }, "Shared data could not be loaded; it is loaded again soon"),
      );
    } while (isStale && !isStopped);
  }

  /** Concurrent calls share a load; what changed during it is loaded after it. */
  function reload(): Promise<void> {
    isStale = true;
    running ??= loadUntilFresh().finally(() => {
      running = undefined;
    });
    return running;
  }

  const listening = listenerSql()
    .listen(channel, () => void reload())
    .catch((error) => {
      log.warn({ err: error, channel }, "LISTEN failed; polling instead");
      return undefined;
    });
  const timer = setInterval(() => void reload(), pollMs).unref();
  await Promise.all([listening, reload()]);
  return {
    reload,
    async stop() {
      isStopped = true;
      clearInterval(timer);
      await running;
      await (await listening)?.unlisten();
    },
  };
}
