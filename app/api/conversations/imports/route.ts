import { z } from "zod";
import { route } from "#app/_http/route.ts";
import { startImport } from "#lib/chat/portability/import/imports.ts";
import { now } from "#lib/core/clock.ts";

/** Archives of ChatGPT are mostly pictures; this is their text of many years. */
const maxFileBytes = 200 * 1_048_576;

export const POST = route(
  {
    auth: "user",
    query: z.object({ id: z.uuid(), fileName: z.string().trim().min(1).max(200) }),
  },
  ({ identity, query, request }) => startImport(identity, query, request.readChunks(maxFileBytes), now()),
);
