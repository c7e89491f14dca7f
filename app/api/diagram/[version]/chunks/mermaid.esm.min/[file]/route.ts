import { z } from "zod";
import { mermaidFile } from "#app/_diagrams/mermaid-file.ts";
import { route } from "#app/_http/route.ts";

/** A module of Mermaid that its entry imports. */
export const GET = route(
  { auth: "none", params: z.object({ version: z.string(), file: z.string() }) },
  ({ params, request }) =>
    mermaidFile(
      params.version,
      `chunks/mermaid.esm.min/${params.file}`,
      request.headers.get("accept-encoding"),
    ),
);
