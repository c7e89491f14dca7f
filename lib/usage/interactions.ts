import { sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { newId } from "#lib/core/ids.ts";

/** What the caller knows of a call to a model, apart from tokens and money. */
export type Interaction = {
  userId: string | null;
  purpose: "chat" | "api" | "title" | "embedding";
  upstream: string;
  firstTokenMs: number | null;
  durationMs: number;
  outcome: string;
  errorCode: string | null;
  requestId: string | null;
  /** Only as LOG_CONTENT allows; null otherwise. */
  prompt: string | null;
  answer: string | null;
};

type Call = Interaction & {
  apiKeyId: string | null;
  promptTokens: number;
  cachedTokens: number;
  completionTokens: number;
  estimated: boolean;
  at: Date;
};

/** A call as the SQL function `record_call` takes it, and those that call it. */
export function callFields({ at, ...call }: Call) {
  return { ...call, id: newId(at.getTime()) };
}

/** The fields of a call that gave nothing, for no customer's key. */
export function emptyCall(interaction: Interaction, at: Date) {
  const nothing = { promptTokens: 0, cachedTokens: 0, completionTokens: 0, estimated: false };
  return callFields({ ...interaction, ...nothing, apiKeyId: null, at });
}

/** Writes a call that no customer pays for into the request log. */
export async function recordOwnCall(
  tx: Tx,
  workspaceId: string,
  call: Call & { model: string; costMicros: number },
): Promise<void> {
  const { model, costMicros, ...fields } = call;
  await tx.execute(sql`
    select record_call(${workspaceId}::uuid, null, ${model}, ${JSON.stringify(callFields(fields))}::text::jsonb,
      ${costMicros}::bigint, 0, 0, ${call.at.toISOString()}::timestamptz)`);
}
