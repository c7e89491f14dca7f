import { z } from "zod";
import { mermaidFile } from "#app/_diagrams/mermaid-file.ts";
import { route } from "#app/_http/route.ts";

/** The entry module of Mermaid, for the frame that renders diagrams. */
export const GET = route(
  { auth: "none", params: z.object({ version: z.string(), file: z.string() }) },
  ({ params, request }) => mermaidFile(params.version, params.file, request.headers.get("accept-encoding")),
);
