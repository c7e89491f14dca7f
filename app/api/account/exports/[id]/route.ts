import { z } from "zod";
import { FileDownload } from "#app/_http/file-download.ts";
import { route } from "#app/_http/route.ts";
import { openExportDownload } from "#lib/accounts/data-exports/download-export.ts";
import { now } from "#lib/core/clock.ts";

export const GET = route(
  {
    auth: "user",
    params: z.object({ id: z.uuid() }),
    query: z.object({ token: z.string().min(1).max(100).optional() }),
  },
  async ({ identity, params, query }) => {
    const { fileName, sizeBytes, readChunk } = await openExportDownload(
      identity,
      params.id,
      query.token ?? null,
      now(),
    );
    let seq = 0;
    const next = () => readChunk(seq++);
    return new FileDownload({ fileName, contentType: "application/zip", sizeBytes }, next);
  },
);
