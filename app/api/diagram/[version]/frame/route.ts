import { z } from "zod";
import { mermaidVersion } from "#app/_diagrams/diagram-paths.ts";
import { frameDocument, framePolicy } from "#app/_diagrams/frame-document.ts";
import { route } from "#app/_http/route.ts";
import { env } from "#lib/core/env.ts";
import { notFound } from "#lib/core/errors.ts";

/** The document that renders diagrams of answers, for a sandboxed frame of the chat. */
export const GET = route({ auth: "none", params: z.object({ version: z.string() }) }, ({ params }) => {
  if (params.version !== mermaidVersion) throw notFound("page");
  return new Response(frameDocument, {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": framePolicy(new URL(env().APP_URL).origin),
      "x-frame-options": "SAMEORIGIN",
      "cache-control": "private, max-age=3600",
    },
  });
});
