import { z } from "zod";
import { AppError } from "#lib/core/errors.ts";
import type { Period } from "#lib/usage/reports.ts";

const dayMs = 86_400_000;
const maxDays = 400;

/** The query of a usage report; every field is optional. */
export const usageQuerySchema = z.object({
  from: z.iso.date().optional(),
  to: z.iso.date().optional(),
  group: z.enum(["day", "model", "key"]).default("day"),
});

/**
 * Returns the requested period; by default the last thirty days.
 * @throws AppError `invalid_input` when the period ends before it begins, or is longer than 400 days
 */
export function toPeriod(
  { from, to }: Pick<z.infer<typeof usageQuerySchema>, "from" | "to">,
  at: Date,
): Period {
  const last = to ?? at.toISOString().slice(0, 10);
  const first = from ?? new Date(Date.parse(last) - 29 * dayMs).toISOString().slice(0, 10);
  const days = (Date.parse(last) - Date.parse(first)) / dayMs + 1;
  if (days >= 1 && days <= maxDays) return { from: first, to: last };
  const message = days < 1 ? "The period ends before it begins." : `Ask for at most ${maxDays} days at once.`;
  throw new AppError("invalid_input", { fields: [{ path: "from", message }] });
}
