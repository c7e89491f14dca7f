import { log, onError } from "#lib/core/log.ts";
import { singleton } from "#lib/core/singleton.ts";

/** What an operator is told: `key` names the problem (once an hour each), `title` and `detail` say it in words. */
export type Alert = { key: string; title: string; detail: string };
type Outlet = (alert: Alert) => Promise<void>;

const hourMs = 3_600_000;
const minuteMs = 60_000;
/** More errors of ours than this within a minute are a problem of their own. */
const errorsAMinute = 10;

const state = singleton("alerts", () => ({
  outlet: undefined as Outlet | undefined,
  raisedAtMs: new Map<string, number>(),
  errorsAtMs: [] as number[],
}));

/**
 * Tells the operator, by log at once and by mail and webhook once an hour for each key. Never throws: an alert is raised
 * where something else is already wrong.
 */
export async function raiseAlert(alert: Alert, atMs: number = Date.now()): Promise<void> {
  log.error({ alert: alert.key, detail: alert.detail }, alert.title);
  const last = state.raisedAtMs.get(alert.key);
  if (last !== undefined && atMs - last < hourMs) return;
  state.raisedAtMs.set(alert.key, atMs);
  try {
    await state.outlet?.(alert);
  } catch (error) {
    state.raisedAtMs.delete(alert.key);
    log.error({ alert: alert.key, err: error }, "An alert could not be handed on");
  }
}

/** Where alerts go beyond the log; set once at start, because this room knows no database. */
export function deliverAlertsTo(outlet: Outlet | undefined): void {
  state.outlet = outlet;
}

/** Raises an alert when more than ten errors of ours end up in the log within a minute. Returns how to stop watching. */
export function watchErrorRate(): () => void {
  return onError((code) => noteError(code, Date.now()));
}

function noteError(code: string, atMs: number): void {
  state.errorsAtMs = [...state.errorsAtMs.filter((earlierMs) => atMs - earlierMs < minuteMs), atMs].slice(
    -1_000,
  );
  if (state.errorsAtMs.length <= errorsAMinute) return;
  void raiseAlert(
    {
      key: "error-rate",
      title: "More than 10 errors in a minute",
      detail: `${state.errorsAtMs.length} errors within a minute, the last with the code "${code}". The log has each one.`,
    },
    atMs,
  );
}
