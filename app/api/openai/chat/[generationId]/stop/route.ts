import { z } from "zod";
import { route } from "#app/_http/route.ts";
import { stopGeneration } from "#lib/chat/generation/stop-generation.ts";

/** Stops a generation, whichever instance runs it. */
export const POST = route(
  { auth: "claims", params: z.object({ generationId: z.uuid() }) },
  async ({ claims, params }) => {
    await stopGeneration(claims, params.generationId);
  },
);
