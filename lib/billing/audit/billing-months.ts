import type { PlanLine, Span } from "#lib/billing/audit/facts.ts";
import { addMonths } from "#lib/core/clock.ts";

const dayMs = 86_400_000;
/** A period is whole from this many days on; a shorter line pays for a part of one. */
const wholeDays = { month: 28, year: 365 } as const;
/** Longer lines than this many months do not occur. */
const maxMonths = 240;

/**
 * Returns the months around a line, which have an allowance each (M10): those of the whole period in which
 * the line starts, then further ones; without such a period, months counted back from the line's end. Pure.
 * @param lines all lines of the subscription, paid or not
 */
export function monthsAround(line: PlanLine, lines: readonly PlanLine[]): Span[] {
  const around = lines
    .filter((other) => other.interval === line.interval && isWholePeriod(other))
    .filter(({ fromMs, toMs }) => fromMs <= line.fromMs && line.fromMs < toMs)
    .reduce<PlanLine | null>(
      (best, each) => (best === null || isCloser(each, best, line) ? each : best),
      null,
    );
  const edges = around === null ? edgesBefore(line) : edgesFrom(around, line);
  return edges.slice(1).map((toMs, index) => ({ fromMs: edges[index] ?? toMs, toMs }));
}

/** A period that ends with the line is the one that the line charges or returns; otherwise the newest is. */
function isCloser(one: PlanLine, other: PlanLine, { toMs }: PlanLine): boolean {
  if ((one.toMs === toMs) !== (other.toMs === toMs)) return one.toMs === toMs;
  return one.fromMs > other.fromMs;
}

function isWholePeriod({ isProration, sign, interval, fromMs, toMs }: PlanLine): boolean {
  const days = (toMs - fromMs) / dayMs;
  return !isProration && sign > 0 && days >= wholeDays[interval] && days <= wholeDays[interval] + 3;
}

function edgesBefore({ fromMs, toMs }: Span): number[] {
  const edges = [toMs];
  for (let count = 1; count <= maxMonths && (edges[0] ?? 0) > fromMs; count += 1)
    edges.unshift(monthsFrom(toMs, -count));
  return edges;
}

/** The last month of a year ends with the year, despite leap days. */
function edgesFrom(period: PlanLine, { toMs }: Span): number[] {
  const count = period.interval === "year" ? 12 : 1;
  const inside = Array.from({ length: count }, (_, index) => monthsFrom(period.fromMs, index));
  const edges = [...inside, period.toMs];
  for (let next = 1; next <= maxMonths && (edges.at(-1) ?? toMs) < toMs; next += 1)
    edges.push(monthsFrom(period.toMs, next));
  return edges;
}

function monthsFrom(ms: number, count: number): number {
  return addMonths(new Date(ms), count).getTime();
}
