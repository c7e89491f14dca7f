import { sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { newId } from "#lib/core/ids.ts";

/** A call to a model, without tokens and money. */
export type Interaction = {
  userId: string | null;
  purpose: "chat" | "api" | "title" | "embedding";
  upstream: string;
  firstTokenMs: number | null;
  durationMs: number;
  outcome: string;
  errorCode: string | null;
  requestId: string | null;
  /** Set for a call without a hold, so that the receipt of its conversation contains it. */
  conversationId?: string;
  /** Retained only as LOG_CONTENT allows; null otherwise. */
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

/** A call in the form that the SQL function `record_calls` takes. */
export function callFields({ at, ...call }: Call) {
  return { ...call, id: newId(at.getTime()) };
}

/** The fields of a call that returned nothing and belongs to no API key. */
export function emptyCall(interaction: Interaction, at: Date) {
  const nothing = { promptTokens: 0, cachedTokens: 0, completionTokens: 0, estimated: false };
  return callFields({ ...interaction, ...nothing, apiKeyId: null, at });
}

/** Adds a call that no customer pays for to the request log. */
export async function recordOwnCall(
  tx: Tx,
  workspaceId: string,
  call: Call & { model: string; costMicros: number },
): Promise<void> {
  const { model, costMicros, ...fields } = call;
  await tx.execute(sql`
    select record_calls(array[${workspaceId}::uuid], array[null::uuid], array[${model}::text],
      array[${JSON.stringify(callFields(fields))}::text::jsonb], array[${costMicros}::bigint], array[0::bigint],
      array[0::bigint], ${call.at.toISOString()}::timestamptz)`);
}
