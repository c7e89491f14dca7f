import { singleton } from "#lib/core/singleton.ts";

/**
 * Why a model cannot be used: its upstream is unreachable, rejects the key, says that the account has no
 * credit, refuses this model, or does not list it.
 */
export type OutageReason = "unreachable" | "key" | "credit" | "refused" | "unlisted";

/** A model at its upstream. */
type TargetName = { upstream: { name: string }; model: string };

/** A model, or a whole upstream, that cannot be used. */
export type Outage = {
  upstream: string;
  /** The upstream's name for the model; null for the whole upstream. */
  model: string | null;
  reason: OutageReason;
  sinceMs: number;
  /** When calls are sent again, in Unix milliseconds; null for outages that a check or an answer ends. */
  endsAtMs: number | null;
};

/** Shares what calls have found out with other processes. */
type HealthObserver = {
  onRefusal(outage: Outage, error: string): void;
  onAnswer(target: { upstream: string; model: string }): void;
};

/** How long no calls are sent to a model that was refused. */
const refusedMs = 60_000;
/** How often an upstream whose checks fail gets a call: its list may be broken, and its models not. */
const probeEveryMs = 60_000;

const state = () =>
  singleton("openai.health", () => ({
    outages: new Map<string, Outage>(),
    nextProbeMs: new Map<string, number>(),
    observer: undefined as HealthObserver | undefined,
  }));

const keyOf = (upstream: string, model: string | null) => `${upstream}\n${model ?? ""}`;

/** Returns why a model cannot be used; null if it can. Reads memory only. */
export function findOutage({ upstream, model }: TargetName): Outage | null {
  const { outages } = state();
  const outage = outages.get(keyOf(upstream.name, null)) ?? outages.get(keyOf(upstream.name, model));
  if (outage === undefined) return null;
  return outage.endsAtMs !== null && outage.endsAtMs <= Date.now() ? null : outage;
}

/**
 * The circuit breaker: whether a call may be sent. A model that its upstream does not list is called, because
 * some upstreams have names that they do not list; its first refusal ends that. An upstream whose checks fail
 * gets one call a minute.
 */
export function mayCall(target: TargetName): boolean {
  const outage = findOutage(target);
  if (outage === null || outage.reason === "unlisted") return true;
  if (outage.model !== null) return false;
  const { nextProbeMs } = state();
  if ((nextProbeMs.get(outage.upstream) ?? 0) > Date.now()) return false;
  nextProbeMs.set(outage.upstream, Date.now() + probeEveryMs);
  return true;
}

/**
 * Records that an upstream refused a model. Each model has its own outage, because a key may be valid for
 * some models only.
 * @param error says what happened, without content
 */
export function reportRefusal(target: TargetName, reason: OutageReason, error: string): void {
  const { upstream, model } = target;
  const { outages, observer } = state();
  const key = keyOf(upstream.name, model);
  const sinceMs = outages.get(key)?.sinceMs ?? Date.now();
  const outage = { upstream: upstream.name, model, reason, sinceMs, endsAtMs: Date.now() + refusedMs };
  outages.set(key, outage);
  observer?.onRefusal(outage, error);
}

/** Records that a model has answered, which ends its outage and that of its upstream. */
export function reportAnswer({ upstream: { name: upstream }, model }: TargetName): void {
  const { outages, observer } = state();
  const hadOutage = [null, model].map((part) => outages.delete(keyOf(upstream, part))).includes(true);
  if (!hadOutage) return;
  state().nextProbeMs.delete(upstream);
  observer?.onAnswer({ upstream, model });
}

/** Replaces all outages by those that the processes share. */
export function replaceOutages(shared: readonly Outage[]): void {
  const { nextProbeMs } = state();
  state().outages = new Map(shared.map((outage) => [keyOf(outage.upstream, outage.model), outage]));
  for (const upstream of nextProbeMs.keys())
    if (!state().outages.has(keyOf(upstream, null))) nextProbeMs.delete(upstream);
}

/** Sets what shares outages with other processes. */
export function shareOutages(observer: HealthObserver | undefined): void {
  state().observer = observer;
}

/** Forgets all outages; for tests. */
export function forgetOutages(): void {
  replaceOutages([]);
}
