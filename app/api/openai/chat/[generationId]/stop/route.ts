import { z } from "zod";
import { route } from "#app/_http/route.ts";
import { stopGeneration } from "#lib/chat/stop.ts";

/** Stops an answer, from any tab and any instance. */
export const POST = route(
  { auth: "claims", params: z.object({ generationId: z.uuid() }) },
  async ({ claims, params }) => {
    await stopGeneration(claims, params.generationId);
  },
);
