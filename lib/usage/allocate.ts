/** A grant that a settlement may draw from. */
export type OpenGrant = {
  id: string;
  kind: string;
  remainingMicros: number;
  expiresAtMs: number;
  createdAtMs: number;
  /** True when it has ended, but the hold was taken while it ran. */
  expired: boolean;
};
export type Draw = { grantId: string; micros: number };

/**
 * The order of spending: what expires first goes first, top-ups last (M3). Before all others comes what has ended since the
 * hold was taken, top-up or not: nobody else may use it, while what still runs may be counted on by others.
 */
export function spendingOrder(a: OpenGrant, b: OpenGrant): number {
  const ended = Number(b.expired) - Number(a.expired);
  const topUps = a.expired ? 0 : Number(a.kind === "top_up") - Number(b.kind === "top_up");
  return (
    ended ||
    topUps ||
    a.expiresAtMs - b.expiresAtMs ||
    a.createdAtMs - b.createdAtMs ||
    (a.id < b.id ? -1 : 1)
  );
}

/**
 * Which grants pay a charge (M3, M7). Up to the hold it is paid for certain; what the upstream counted beyond the hold is
 * taken from what nobody else has reserved; what is left then is our loss.
 * @param chargeMicros what the answer costs by the price list of its hold
 * @param holdMicros what was held for it
 * @param freeMicros what is available beside all holds; may be negative after money back
 */
export function allocate(
  grants: readonly OpenGrant[],
  chargeMicros: number,
  holdMicros: number,
  freeMicros: number,
): { draws: Draw[]; coveredMicros: number; lossMicros: number } {
  const payable = Math.min(chargeMicros, holdMicros + Math.max(0, freeMicros));
  const draws: Draw[] = [];
  let left = payable;
  for (const grant of [...grants].sort(spendingOrder)) {
    if (left === 0) break;
    const micros = Math.min(left, Math.max(0, grant.remainingMicros));
    if (micros === 0) continue;
    draws.push({ grantId: grant.id, micros });
    left -= micros;
  }
  const coveredMicros = payable - left;
  return { draws, coveredMicros, lossMicros: chargeMicros - coveredMicros };
}
