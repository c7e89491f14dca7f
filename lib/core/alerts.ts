import { log, onError } from "#lib/core/log.ts";
import { singleton } from "#lib/core/singleton.ts";

/**
 * A problem that an operator must know of. `key` identifies the problem: each key is delivered once per hour
 * at most.
 */
export type Alert = { key: string; title: string; detail: string };
type AlertHandler = (alert: Alert) => Promise<void>;

const hourMs = 3_600_000;
const minuteMs = 60_000;
/** More errors than this within a minute raise an alert. */
const maxErrorsPerMinute = 10;

const state = singleton("alerts", () => ({
  handler: undefined as AlertHandler | undefined,
  lastRaisedMs: new Map<string, number>(),
  errorsAtMs: [] as number[],
}));

/**
 * Logs an alert and passes it to the delivery handler (email and webhook), which happens once per hour and
 * key. Never throws, because alerts are raised while another error is being handled.
 */
export async function raiseAlert(alert: Alert, atMs: number = Date.now()): Promise<void> {
  const last = state.lastRaisedMs.get(alert.key);
  if (last !== undefined && atMs - last < hourMs) {
    log.warn({ alert: alert.key }, alert.title);
    return;
  }
  log.error({ alert: alert.key, detail: alert.detail }, alert.title);
  state.lastRaisedMs.set(alert.key, atMs);
  try {
    await state.handler?.(alert);
  } catch (error) {
    state.lastRaisedMs.delete(alert.key);
    log.error({ alert: alert.key, err: error }, "An alert could not be delivered");
  }
}

/** Sets the delivery handler at process start; this module has no access to the queue's database. */
export function deliverAlertsTo(handler: AlertHandler | undefined): void {
  state.handler = handler;
}

/**
 * Raises an alert when more than ten errors are logged within a minute.
 * @returns stops watching
 */
export function watchErrorRate(): () => void {
  return onError((code) => recordError(code, Date.now()));
}

function recordError(code: string, atMs: number): void {
  state.errorsAtMs = [...state.errorsAtMs.filter((earlierMs) => atMs - earlierMs < minuteMs), atMs].slice(
    -1_000,
  );
  if (state.errorsAtMs.length <= maxErrorsPerMinute) return;
  void raiseAlert(
    {
      key: "error-rate",
      title: "More than 10 errors in a minute",
      detail: `${state.errorsAtMs.length} errors within a minute, the last with the code "${code}". See the log for details.`,
    },
    atMs,
  );
}
