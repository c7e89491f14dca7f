import type { z } from "zod";
import type { Arrival } from "#app/_http/arrival.ts";
import { periodOf, type usageQuery } from "#app/_http/usage-query.ts";
import { db } from "#db/client.ts";
import { fillDays, readUsage } from "#lib/usage/reports.ts";
import { usageCsv } from "#lib/usage/usage-csv.ts";

/** A workspace's usage as JSON, or as CSV where the request accepts that. */
export async function usageResponse(
  request: Arrival,
  workspaceId: string,
  query: z.infer<typeof usageQuery>,
  at: Date,
): Promise<Response> {
  const period = periodOf(query, at);
  const found = await readUsage(db(), workspaceId, period, query.group);
  const rows = query.group === "day" ? fillDays(found, period) : found;
  const vary = { vary: "accept", "cache-control": "no-store" };
  if (!/\btext\/csv\b/.test(request.headers.get("accept") ?? "")) {
    return Response.json({ ...period, group: query.group, data: rows }, { headers: vary });
  }
  const name = `usage-${query.group}-${period.from}-${period.to}.csv`;
  return new Response(usageCsv(query.group, rows), {
    headers: {
      ...vary,
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": `attachment; filename="${name}"`,
    },
  });
}
