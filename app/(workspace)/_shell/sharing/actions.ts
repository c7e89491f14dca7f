"use server";

import { z } from "zod";
import { action } from "#app/_http/action.ts";
import { db } from "#db/client.ts";
import { createShare, listShares, revokeShare, type Share } from "#lib/chat/sharing/shares.ts";
import { now } from "#lib/core/clock.ts";
import { env } from "#lib/core/env.ts";

/** A link as its owner sees it. */
export type SharedLink = Omit<Share, "token"> & { url: string };

function toLink({ token, ...share }: Share): SharedLink {
  return { ...share, url: new URL(`/share/${token}`, env().APP_URL).href };
}

export const createShareAction = action(
  z.object({
    id: z.uuid(),
    conversationId: z.uuid(),
    expiresInDays: z.number().int().min(1).max(365).nullable(),
  }),
  async (input, identity) => toLink(await createShare(identity, input, now())),
);

export const listSharesAction = action(
  z.object({ conversationId: z.uuid().optional() }),
  async ({ conversationId }, identity) =>
    (await listShares(db(), identity, now(), conversationId)).map(toLink),
);

export const revokeShareAction = action(z.object({ id: z.uuid() }), ({ id }, identity) =>
  revokeShare(identity, id, now()),
);
