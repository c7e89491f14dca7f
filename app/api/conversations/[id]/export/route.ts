import { z } from "zod";
import { FileDownload, fromText } from "#app/_http/file-download.ts";
import { route } from "#app/_http/route.ts";
import { db } from "#db/client.ts";
import { openConversationExport } from "#lib/chat/portability/export-conversation.ts";
import { negotiateLocale } from "#lib/core/locale.ts";

export const GET = route(
  {
    auth: "user",
    params: z.object({ id: z.uuid() }),
    query: z.object({ format: z.enum(["markdown", "json"]) }),
  },
  async ({ identity, params, query, request }) => {
    const locale = identity.locale ?? negotiateLocale(request.headers.get("accept-language"));
    const { fileName, contentType, text } = await openConversationExport(
      db(),
      identity,
      params.id,
      query.format,
      locale,
    );
    return new FileDownload({ fileName, contentType, sizeBytes: null }, fromText(text));
  },
);
