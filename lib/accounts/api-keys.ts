import { createHash } from "node:crypto";
import { and, desc, eq, gt, inArray, isNull, lt, or, type SQL, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { apiKeys, workspaces } from "#db/schema/accounts.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { AppError, invalidInput, notFound } from "#lib/core/errors.ts";
import { newId, newSecret } from "#lib/core/ids.ts";

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
  return (await findApiKeyAnd(tx, key, at, sql<null>`null`))?.apiKey ?? null;
}

/**
 * The same, and in the same query whatever else must be known of its workspace: an expression over `workspaces` and `api_keys`
 * that gives JSON.
 */
export async function findApiKeyAnd<T>(
  tx: Tx,
  key: string,
  at: Date,
  expression: SQL<T>,
): Promise<{ apiKey: ApiKeyIdentity; found: T } | null> {
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
  const [row] = await tx
    .with(used)
    .select({
      apiKeyId: apiKeys.id,
      workspaceId: apiKeys.workspaceId,
      workspaceCreatedAt: workspaces.createdAt,
      scopes: apiKeys.scopes,
      budgetMicros: apiKeys.budgetMicros,
      found: expression.as("found"),
    })
    .from(apiKeys)
    .innerJoin(workspaces, eq(workspaces.id, apiKeys.workspaceId))
    .where(good);
  if (row === undefined) return null;
  const { found, ...apiKey } = row;
  // Drizzle cannot follow a type parameter through a selection.
  return { apiKey, found: found as T };
}

/** @throws AppError forbidden when a key was not made for this */
export function requireScope(apiKey: ApiKeyIdentity, scope: ApiKeyScope): void {
  if (!apiKey.scopes.includes(scope))
    throw new AppError("forbidden", { message: `This API key lacks the scope "${scope}".` });
}

/** A key as its owner sees it in the list: never the secret, which nobody has after its first showing. */
export type ApiKeySummary = {
  id: string;
  name: string;
  /** The secret's first characters, to recognise it by. */
  prefix: string;
  scopes: string[];
  budgetMicros: number | null;
  createdAt: Date;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
};

export type NewApiKey = {
  name: string;
  scopes: ApiKeyScope[];
  budgetMicros: number | null;
  expiresAt: Date | null;
};

/** Enough for every program of a workspace; more is a program that makes keys. */
const mostKeys = 50;

/**
 * Makes a key. Its secret is returned here, and can never be read again.
 * @throws AppError `conflict` when the workspace has fifty keys that work
 */
export async function createApiKey(
  tx: Tx,
  workspaceId: string,
  actorUserId: string,
  key: NewApiKey,
  at: Date,
): Promise<{ id: string; secret: string }> {
  const open = await listApiKeys(tx, workspaceId, at);
  if (open.length >= mostKeys)
    throw new AppError("conflict", { message: `There are ${mostKeys} keys. Revoke one first.` });
  const id = newId();
  const secret = `${secretPrefix}${newSecret(32)}`;
  await tx.insert(apiKeys).values({
    id,
    workspaceId,
    createdBy: actorUserId,
    ...key,
    prefix: secret.slice(0, secretPrefix.length + 6),
    keyHash: hashApiKey(secret),
    createdAt: at,
  });
  const { name, scopes, budgetMicros } = key;
  const data = { name, scopes, budgetMicros };
  await recordAudit(tx, { action: "api_key.created", actorUserId, workspaceId, target: id, data }, at);
  return { id, secret };
}

/** The keys of a workspace that work, the newest first. */
export async function listApiKeys(tx: Tx, workspaceId: string, at: Date): Promise<ApiKeySummary[]> {
  return tx
    .select({
      id: apiKeys.id,
      name: apiKeys.name,
      prefix: apiKeys.prefix,
      scopes: apiKeys.scopes,
      budgetMicros: apiKeys.budgetMicros,
      createdAt: apiKeys.createdAt,
      expiresAt: apiKeys.expiresAt,
      lastUsedAt: apiKeys.lastUsedAt,
    })
    .from(apiKeys)
    .where(
      and(
        eq(apiKeys.workspaceId, workspaceId),
        isNull(apiKeys.revokedAt),
        or(isNull(apiKeys.expiresAt), gt(apiKeys.expiresAt, at)),
      ),
    )
    .orderBy(desc(apiKeys.createdAt));
}

/**
 * Ends a key at once and for good.
 * @param typedName what the person typed to confirm which key they mean
 * @throws AppError `not_found`; `invalid_input` when the name is another
 */
export async function revokeApiKey(
  tx: Tx,
  workspaceId: string,
  actorUserId: string,
  { id, typedName }: { id: string; typedName: string },
  at: Date,
): Promise<void> {
  const mine = and(eq(apiKeys.id, id), eq(apiKeys.workspaceId, workspaceId), isNull(apiKeys.revokedAt));
  const [key] = await tx.select({ name: apiKeys.name }).from(apiKeys).where(mine);
  if (key === undefined) throw notFound("key");
  if (key.name !== typedName.trim())
    throw invalidInput([{ path: "typedName", message: `Type "${key.name}" to confirm.` }]);
  await tx.update(apiKeys).set({ revokedAt: at }).where(mine);
  await recordAudit(tx, { action: "api_key.revoked", actorUserId, workspaceId, target: id }, at);
}

/**
 * Ends every key of somebody's own workspace: for an account that changes hands.
 * @returns how many there were
 */
export async function revokePersonalKeys(tx: Tx, userId: string, at: Date): Promise<number> {
  const own = tx.select({ id: workspaces.id }).from(workspaces).where(eq(workspaces.personalUserId, userId));
  const ended = await tx
    .update(apiKeys)
    .set({ revokedAt: at })
    .where(and(inArray(apiKeys.workspaceId, own), isNull(apiKeys.revokedAt)))
    .returning({ id: apiKeys.id });
  return ended.length;
}
