import { z } from "zod";
import { FileDownload } from "#app/_http/file-download.ts";
import { route } from "#app/_http/route.ts";
import { openAttachment, removeAttachment } from "#lib/chat/files/attachments.ts";

const options = { auth: "user", params: z.object({ id: z.uuid() }) } as const;

/** Images are shown; everything else is only ever saved. */
export const GET = route(options, async ({ identity, params }) => {
  const { info, bytes } = await openAttachment(identity, params.id);
  const { name: fileName, contentType, bytes: sizeBytes, kind } = info;
  return new FileDownload({ fileName, contentType, sizeBytes, isInline: kind === "image" }, async () => {
    const { value, done } = await bytes.next();
    return done === true ? null : value;
  });
});

export const DELETE = route(options, ({ identity, params }) => removeAttachment(identity, params.id));
