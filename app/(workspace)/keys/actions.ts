"use server";

import { revalidatePath } from "next/cache";
import { z } from "zod";
import { action } from "#app/_http/action.ts";
import { db } from "#db/client.ts";
import { apiKeyScopes, createApiKey, revokeApiKey, setAnswerCaching } from "#lib/accounts/api-keys.ts";
import { requireEmailConfirmation } from "#lib/accounts/email-verification.ts";
import type { Identity } from "#lib/accounts/sessions.ts";
import { now } from "#lib/core/clock.ts";
import { AppError, fieldKey } from "#lib/core/errors.ts";
import { usd } from "#lib/core/money.ts";

const dayMs = 86_400_000;

const newKey = z.object({
  name: z.string().trim().min(1, fieldKey("nameMissing")).max(60),
  scopes: z.array(z.enum(apiKeyScopes)).min(1, fieldKey("permissionMissing")),
  /** In dollars; null for no budget. */
  monthlyBudgetUsd: z
    .number(fieldKey("amountInvalid"))
    .positive(fieldKey("amountTooLow"))
    .max(100_000, fieldKey("amountTooHigh"))
    .nullable(),
  expiresInDays: z.int().min(1).max(3_650).nullable(),
  cachesAnswers: z.boolean(),
});

export const createKeyAction = action(newKey, createKey, { needsFreshProof: true });

async function createKey(input: z.infer<typeof newKey>, identity: Identity): Promise<{ secret: string }> {
  const at = now();
  const { name, scopes, monthlyBudgetUsd, expiresInDays, cachesAnswers } = input;
  const key = {
    name,
    scopes,
    cachesAnswers,
    budgetMicros: monthlyBudgetUsd === null ? null : usd(monthlyBudgetUsd),
    expiresAt: expiresInDays === null ? null : new Date(at.getTime() + expiresInDays * dayMs),
  };
  requireEmailConfirmation(identity);
  const { workspaceId, userId } = requireKeyManager(identity);
  const { secret } = await db().transaction((tx) => createApiKey(tx, workspaceId, userId, key, at));
  revalidatePath("/keys");
  return { secret };
}

export const setAnswerCachingAction = action(
  z.object({ id: z.uuid(), cachesAnswers: z.boolean() }),
  async (input, identity) => {
    const { workspaceId, userId } = requireKeyManager(identity);
    await db().transaction((tx) => setAnswerCaching(tx, workspaceId, userId, input, now()));
    revalidatePath("/keys");
  },
);

export const revokeKeyAction = action(
  z.object({ id: z.uuid(), typedName: z.string().max(200) }),
  async (input, identity) => {
    const { workspaceId, userId } = requireKeyManager(identity);
    await db().transaction((tx) => revokeApiKey(tx, workspaceId, userId, input, now()));
    revalidatePath("/keys");
  },
);

/** Keys spend the workspace's credit, so members cannot manage them. @throws AppError `forbidden` */
function requireKeyManager(identity: Identity): Identity {
  if (identity.memberRole === "member") throw new AppError("forbidden");
  return identity;
}
