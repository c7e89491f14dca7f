import { type ChatRuntime, chatRuntime } from "#lib/chat/generation/runtime.ts";
import { now } from "#lib/core/clock.ts";
import { AppError } from "#lib/core/errors.ts";
import { log } from "#lib/core/log.ts";

/** Who reads a stream, by default an answer. The credential is the id of a session or of an API key. */
export type StreamReader = { personId: string; credentialId: string; kind?: StreamKind };
/** An answer, or the changes of the conversation list. */
type StreamKind = "answer" | "list";

/**
 * The most streams that one person reads at a time in one process. A browser opens one for the visible answer
 * of each tab, and one for the list.
 */
const maxReadersPerPerson: Record<StreamKind, number> = { answer: 32, list: 16 };
/** Finds revocations whose notification was lost, and credentials that have expired. */
const checkIntervalMs = 10_000;

type OpenReader = { reader: StreamReader; controller: AbortController };
type Registry = { open: Set<OpenReader>; timer: NodeJS.Timeout | undefined };

/** The open readers of each runtime. */
const registries = new WeakMap<ChatRuntime, Registry>();

function registryOf(runtime: ChatRuntime): Registry {
  const found = registries.get(runtime);
  if (found !== undefined) return found;
  const created: Registry = { open: new Set(), timer: undefined };
  registries.set(runtime, created);
  return created;
}

/** A registered reader. */
export type ReaderSlot = {
  /**
   * Opens a stream whose signal is also aborted when the credential is revoked, and ends the registration
   * with the stream.
   */
  read<T>(
    outer: AbortSignal,
    open: (signal: AbortSignal) => Promise<AsyncIterator<T, void>>,
  ): Promise<AsyncIterator<T, void>>;
  /**
   * Runs a request without a stream, whose signal is also aborted when the API key is revoked, and ends the
   * registration with it.
   * @throws AppError invalid_api_key when the key was revoked meanwhile
   */
  run<T>(outer: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** Ends the registration of a reader that did not open a stream. Idempotent. */
  release(): void;
};

/**
 * Registers a reader of a stream. Its stream ends at once, on whichever instance, when the session is signed
 * out or the key is revoked.
 * @throws AppError too_many_requests when the person reads too many streams
 */
export function openReader(reader: StreamReader, runtime: ChatRuntime = chatRuntime()): ReaderSlot {
  const registry = registryOf(runtime);
  const { personId, kind = "answer" } = reader;
  const own = [...registry.open].filter(
    (one) => one.reader.personId === personId && (one.reader.kind ?? "answer") === kind,
  );
  if (own.length >= maxReadersPerPerson[kind])
    throw new AppError("too_many_requests", { retryAfterSeconds: 10, details: { readers: own.length } });
  const entry: OpenReader = { reader, controller: new AbortController() };
  registry.open.add(entry);
  registry.timer ??= setInterval(() => void endInvalid(runtime, registry), checkIntervalMs).unref();
  const unsubscribe = runtime.wake.on("revoked", reader.credentialId, () => entry.controller.abort());
  const release = () => {
    if (!registry.open.delete(entry)) return;
    unsubscribe();
    if (registry.open.size > 0) return;
    clearInterval(registry.timer);
    registry.timer = undefined;
  };
  return {
    release,
    async run(outer, work) {
      const revoked = entry.controller.signal;
      try {
        return await work(AbortSignal.any([outer, revoked]));
      } catch (error) {
        throw revoked.aborted ? new AppError("invalid_api_key", { cause: error }) : error;
      } finally {
        release();
      }
    },
    async read(outer, open) {
      try {
        const items = await open(AbortSignal.any([outer, entry.controller.signal]));
        return releasing(items, release);
      } catch (error) {
        release();
        throw error;
      }
    },
  };
}

/** Releases the reader when the items end, fail, or are abandoned. */
function releasing<T>(items: AsyncIterator<T, void>, release: () => void): AsyncIterator<T, void> {
  return {
    async next() {
      let hasEnded = true;
      try {
        const result = await items.next();
        hasEnded = result.done === true;
        return result;
      } finally {
        if (hasEnded) release();
      }
    },
    async return() {
      release();
      await items.return?.();
      return { done: true, value: undefined };
    },
  };
}

/** Ends the streams whose session or key is no longer valid. */
async function endInvalid(runtime: ChatRuntime, registry: Registry): Promise<void> {
  try {
    const ids = [...new Set([...registry.open].map(({ reader }) => reader.credentialId))];
    const at = now().toISOString();
    const valid = await runtime.sql()<{ id: string }[]>`
      select id from sessions where id = any(${ids}::uuid[]) and revoked_at is null and expires_at > ${at}
      union all select id from api_keys where id = any(${ids}::uuid[]) and revoked_at is null
        and (expires_at is null or expires_at > ${at})`;
    const validIds = new Set(valid.map(({ id }) => id));
    for (const { reader, controller } of registry.open)
      if (!validIds.has(reader.credentialId) && ids.includes(reader.credentialId)) controller.abort();
  } catch (error) {
    log.warn({ err: error }, "The readers of streams could not be checked");
  }
}
