import type { z } from "zod";
import type { HttpRequest } from "#app/_http/http-request.ts";
import { toPeriod, type usageQuerySchema } from "#app/_http/usage-query.ts";
import { db } from "#db/client.ts";
import { fillDays, readUsage } from "#lib/usage/reports.ts";
import { usageCsv } from "#lib/usage/usage-csv.ts";

/** Responds with a workspace's usage as JSON, or as CSV if the Accept header contains text/csv. */
export async function toUsageResponse(
  request: HttpRequest,
  workspaceId: string,
  query: z.infer<typeof usageQuerySchema>,
  at: Date,
): Promise<Response> {
  const period = toPeriod(query, at);
  const found = await readUsage(db(), workspaceId, period, query.group);
  const rows = query.group === "day" ? fillDays(found, period) : found;
  const cacheHeaders = { vary: "accept", "cache-control": "no-store" };
  if (!/\btext\/csv\b/.test(request.headers.get("accept") ?? "")) {
    return Response.json({ ...period, group: query.group, data: rows }, { headers: cacheHeaders });
  }
  const name = `usage-${query.group}-${period.from}-${period.to}.csv`;
  return new Response(usageCsv(query.group, rows), {
    headers: {
      ...cacheHeaders,
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": `attachment; filename="${name}"`,
    },
  });
}
