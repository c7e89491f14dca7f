import { createHash } from "node:crypto";
import { and, eq, gt, isNull, lt, or } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { apiKeys, workspaces } from "#db/schema/accounts.ts";

/** What a key may be used for. */
export const apiKeyScopes = ["chat", "embeddings", "usage"] as const;
export type ApiKeyScope = (typeof apiKeyScopes)[number];

/** A program that came with a good key, and the workspace it spends for. */
export type ApiKeyIdentity = {
  apiKeyId: string;
  workspaceId: string;
  workspaceCreatedAt: Date;
  scopes: string[];
  /** Micro-USD that this key may spend in a calendar month (UTC); null: no limit of its own. */
  budgetMicros: number | null;
};

const secretPrefix = "parley_sk_";
const usedEveryMs = 60_000;

/** The only form in which a key is kept. A secret of 256 random bits needs no slow hash. */
export function hashApiKey(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}

/**
 * Whose key this is, in one query that also notes, once a minute, that it was used.
 * @returns null for a key that does not exist, was revoked or has expired
 */
export async function findApiKey(tx: Tx, key: string, at: Date): Promise<ApiKeyIdentity | null> {
  if (!key.startsWith(secretPrefix)) return null;
  const good = and(
    eq(apiKeys.keyHash, hashApiKey(key)),
    isNull(apiKeys.revokedAt),
    or(isNull(apiKeys.expiresAt), gt(apiKeys.expiresAt, at)),
  );
  const unusedSince = new Date(at.getTime() - usedEveryMs);
  const used = tx.$with("used").as(
    tx
      .update(apiKeys)
      .set({ lastUsedAt: at })
      .where(and(good, or(isNull(apiKeys.lastUsedAt), lt(apiKeys.lastUsedAt, unusedSince))))
      .returning({ id: apiKeys.id }),
  );
  const [found] = await tx
    .with(used)
    .select({
      apiKeyId: apiKeys.id,
      workspaceId: apiKeys.workspaceId,
      workspaceCreatedAt: workspaces.createdAt,
      scopes: apiKeys.scopes,
      budgetMicros: apiKeys.budgetMicros,
    })
    .from(apiKeys)
    .innerJoin(workspaces, eq(workspaces.id, apiKeys.workspaceId))
    .where(good);
  return found ?? null;
}
