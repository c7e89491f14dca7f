import { z } from "zod";
import { route } from "#app/_http/route.ts";
import { maxFileBytes } from "#lib/chat/files/attachment-limits.ts";
import { uploadAttachment } from "#lib/chat/files/upload-attachment.ts";
import { now } from "#lib/core/clock.ts";

export const POST = route(
  {
    auth: "user",
    query: z.object({
      id: z.uuid(),
      name: z.string().min(1).max(1_000),
      /** The size of the body, which the plan's storage must have room for. */
      bytes: z.coerce.number().int().nonnegative(),
    }),
  },
  ({ identity, query, request }) =>
    uploadAttachment(identity, query, request.readChunks(Math.min(query.bytes, maxFileBytes)), now()),
);
