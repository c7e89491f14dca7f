/** The health of an upstream as its last checks and answers show it. */
export type UpstreamHealth = {
  upstream: string;
  checkedAt: Date | null;
  /** How long the last successful check took. */
  latencyMs: number | null;
  /** False if it does not list its models. */
  listsModels: boolean | null;
  /** Failed checks since the last successful one or the last answer. */
  failures: number;
  /** Why none of its models can be used; null while it works. */
  outage: "unreachable" | "key" | null;
  /** When the outage began, or ended. */
  since: Date | null;
  lastError: string | null;
  lastErrorAt: Date | null;
  /** The last answer of one of its models after a failed check. */
  answeredAt: Date | null;
};

/** The result of a check. `error` names the failure without content. */
export type CheckResult =
  | { ok: true; latencyMs: number; listsModels: boolean }
  | { ok: false; isKeyRejected: boolean; error: string };

/** A single failed check can be a restart or a lost connection. */
const failuresOfOutage = 2;

/**
 * Returns the health after a check. Pure. An upstream is out after two failed checks in a row between which
 * none of its models answered: a list may be broken while the models work. A rejected key is certain at once,
 * unless a model has answered since the last check.
 */
export function judgeCheck(before: UpstreamHealth, result: CheckResult, at: Date): UpstreamHealth {
  if (result.ok) {
    const { latencyMs, listsModels } = result;
    const since = before.outage === null ? before.since : at;
    return { ...before, checkedAt: at, latencyMs, listsModels, failures: 0, outage: null, since };
  }
  const hasAnswered =
    before.answeredAt !== null && before.checkedAt !== null && before.answeredAt >= before.checkedAt;
  const failures = hasAnswered ? 1 : before.failures + 1;
  const isOut = !hasAnswered && (result.isKeyRejected || failures >= failuresOfOutage);
  const outage = isOut ? (result.isKeyRejected ? "key" : "unreachable") : null;
  const hasChanged = (outage === null) !== (before.outage === null);
  const since = hasChanged ? at : before.since;
  const failed = {
    checkedAt: at,
    failures,
    outage,
    since,
    lastError: result.error,
    lastErrorAt: at,
  } as const;
  return { ...before, ...failed };
}

const okPauseMs = 30_000;
const failedPauseMs = 10_000;

/** Returns the pause until the next check in milliseconds, with jitter, so that checks do not coincide. */
export function pauseAfter({ failures }: UpstreamHealth, random: () => number = Math.random): number {
  return Math.round((failures === 0 ? okPauseMs : failedPauseMs) * (0.8 + 0.4 * random()));
}
