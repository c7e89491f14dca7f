import { createHash } from "node:crypto";
import { and, desc, eq, gt, inArray, isNull, lt, or, type SQL, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { apiKeys, workspaces } from "#db/schema/accounts.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { AppError, errorReason, fieldProblem, invalidInput, notFound } from "#lib/core/errors.ts";
import { newId, newSecret } from "#lib/core/ids.ts";

/** The permissions of a key. */
export const apiKeyScopes = ["chat", "embeddings", "usage"] as const;
export type ApiKeyScope = (typeof apiKeyScopes)[number];

/** The valid key of a request and its workspace. */
export type ApiKeyIdentity = {
  apiKeyId: string;
  workspaceId: string;
  workspaceCreatedAt: Date;
  freeCreditFrom: Date | null;
  scopes: string[];
  /** Monthly budget in micro-USD (calendar month, UTC); null for no limit. */
  budgetMicros: number | null;
  /** Whether requests use the response cache unless they say otherwise. */
  cachesAnswers: boolean;
};

const secretPrefix = "parley_sk_";
const lastUsedPrecisionMs = 60_000;

/** Only this hash is stored. A secret with 256 random bits needs no slow hash. */
export function hashApiKey(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}

/**
 * Finds a valid key and updates its last use, at most once a minute, in the same query.
 * @returns null if the key does not exist, was revoked or has expired
 */
export async function findApiKey(tx: Tx, key: string, at: Date): Promise<ApiKeyIdentity | null> {
  return (await findApiKeyWith(tx, key, at, sql<null>`null`))?.apiKey ?? null;
}

/**
 * Does the same and evaluates another expression in the same query.
 * @param expression SQL over `workspaces` and `api_keys` that returns JSON
 */
export async function findApiKeyWith<T>(
  tx: Tx,
  key: string,
  at: Date,
  expression: SQL<T>,
): Promise<{ apiKey: ApiKeyIdentity; found: T } | null> {
  if (!key.startsWith(secretPrefix)) return null;
  const isValid = and(
    eq(apiKeys.keyHash, hashApiKey(key)),
    isNull(apiKeys.revokedAt),
    or(isNull(apiKeys.expiresAt), gt(apiKeys.expiresAt, at)),
  );
  const staleBefore = new Date(at.getTime() - lastUsedPrecisionMs);
  const used = tx.$with("used").as(
    tx
      .update(apiKeys)
      .set({ lastUsedAt: at })
      .where(and(isValid, or(isNull(apiKeys.lastUsedAt), lt(apiKeys.lastUsedAt, staleBefore))))
      .returning({ id: apiKeys.id }),
  );
  const [row] = await tx
    .with(used)
    .select({
      apiKeyId: apiKeys.id,
      workspaceId: apiKeys.workspaceId,
      workspaceCreatedAt: workspaces.createdAt,
      freeCreditFrom: workspaces.freeCreditFrom,
      scopes: apiKeys.scopes,
      budgetMicros: apiKeys.budgetMicros,
      cachesAnswers: apiKeys.cachesAnswers,
      found: expression.as("found"),
    })
    .from(apiKeys)
    .innerJoin(workspaces, eq(workspaces.id, apiKeys.workspaceId))
    .where(isValid);
  if (row === undefined) return null;
  const { found, ...apiKey } = row;
  // Drizzle cannot follow a type parameter through a selection.
  return { apiKey, found: found as T };
}

/** @throws AppError `forbidden` if the key lacks the scope */
export function requireScope(apiKey: ApiKeyIdentity, scope: ApiKeyScope): void {
  if (!apiKey.scopes.includes(scope))
    throw new AppError("forbidden", { message: `This API key lacks the scope "${scope}".` });
}

/** A key in the list of keys. The secret is shown only once, after creation. */
export type ApiKeySummary = {
  id: string;
  name: string;
  /** The first characters of the secret, for recognition. */
  prefix: string;
  scopes: string[];
  budgetMicros: number | null;
  cachesAnswers: boolean;
  createdAt: Date;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
};

export type NewApiKey = {
  name: string;
  scopes: ApiKeyScope[];
  budgetMicros: number | null;
  /** Off by default. */
  cachesAnswers?: boolean;
  expiresAt: Date | null;
};

/** Limit per workspace. */
const maxKeys = 50;

/**
 * Creates a key. The secret cannot be read again later.
 * @throws AppError `conflict` if the workspace has 50 valid keys, or if its deletion was requested
 */
export async function createApiKey(
  tx: Tx,
  workspaceId: string,
  actorUserId: string,
  key: NewApiKey,
  at: Date,
): Promise<{ id: string; secret: string }> {
  await requireStaying(tx, workspaceId);
  const existing = await listApiKeys(tx, workspaceId, at);
  if (existing.length >= maxKeys)
    throw new AppError("conflict", { reason: errorReason("tooManyKeys", { max: maxKeys }) });
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
  const { name, scopes, budgetMicros, cachesAnswers = false } = key;
  const data = { name, scopes, budgetMicros, cachesAnswers };
  await recordAudit(tx, { action: "api_key.created", actorUserId, workspaceId, target: id, data }, at);
  return { id, secret };
}

/** The lock orders a new key and a concurrent request to delete the account, which revokes all keys. */
async function requireStaying(tx: Tx, workspaceId: string): Promise<void> {
  const [workspace] = await tx
    .select({ requestedAt: workspaces.deletionRequestedAt })
    .from(workspaces)
    .where(eq(workspaces.id, workspaceId))
    .for("share");
  if (workspace?.requestedAt != null)
    throw new AppError("conflict", { reason: errorReason("deletionScheduled") });
}

/** Lists the valid keys of a workspace, newest first. */
export async function listApiKeys(tx: Tx, workspaceId: string, at: Date): Promise<ApiKeySummary[]> {
  return tx
    .select({
      id: apiKeys.id,
      name: apiKeys.name,
      prefix: apiKeys.prefix,
      scopes: apiKeys.scopes,
      budgetMicros: apiKeys.budgetMicros,
      cachesAnswers: apiKeys.cachesAnswers,
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
 * Sets whether the requests of a key use the response cache unless they say otherwise.
 * @throws AppError `not_found`
 */
export async function setAnswerCaching(
  tx: Tx,
  workspaceId: string,
  actorUserId: string,
  { id, cachesAnswers }: { id: string; cachesAnswers: boolean },
  at: Date,
): Promise<void> {
  const isTarget = and(eq(apiKeys.id, id), eq(apiKeys.workspaceId, workspaceId), isNull(apiKeys.revokedAt));
  const updated = await tx
    .update(apiKeys)
    .set({ cachesAnswers })
    .where(isTarget)
    .returning({ id: apiKeys.id });
  if (updated.length === 0) throw notFound("key");
  const change = { action: "api_key.updated", target: id, data: { cachesAnswers } };
  await recordAudit(tx, { ...change, actorUserId, workspaceId }, at);
}

/**
 * Revokes a key permanently.
 * @param typedName the name that the user typed as confirmation
 * @throws AppError `not_found`; `invalid_input` if the typed name differs
 */
export async function revokeApiKey(
  tx: Tx,
  workspaceId: string,
  actorUserId: string,
  { id, typedName }: { id: string; typedName: string },
  at: Date,
): Promise<void> {
  const isTarget = and(eq(apiKeys.id, id), eq(apiKeys.workspaceId, workspaceId), isNull(apiKeys.revokedAt));
  const [key] = await tx.select({ name: apiKeys.name }).from(apiKeys).where(isTarget);
  if (key === undefined) throw notFound("key");
  if (key.name !== typedName.trim())
    throw invalidInput([fieldProblem("typedName", "keyNameMismatch", { name: key.name })]);
  await tx.update(apiKeys).set({ revokedAt: at }).where(isTarget);
  await recordAudit(tx, { action: "api_key.revoked", actorUserId, workspaceId, target: id }, at);
}

/** Revokes all keys of a workspace that is going to be deleted. */
export async function revokeAllApiKeys(tx: Tx, workspaceId: string, at: Date): Promise<void> {
  await tx
    .update(apiKeys)
    .set({ revokedAt: at })
    .where(and(eq(apiKeys.workspaceId, workspaceId), isNull(apiKeys.revokedAt)));
}

/**
 * Revokes all keys of the personal workspace, when the owner of the email address takes over the account.
 * @returns the number of revoked keys
 */
export async function revokePersonalKeys(tx: Tx, userId: string, at: Date): Promise<number> {
  const own = tx.select({ id: workspaces.id }).from(workspaces).where(eq(workspaces.personalUserId, userId));
  const revoked = await tx
    .update(apiKeys)
    .set({ revokedAt: at })
    .where(and(inArray(apiKeys.workspaceId, own), isNull(apiKeys.revokedAt)))
    .returning({ id: apiKeys.id });
  return revoked.length;
}
