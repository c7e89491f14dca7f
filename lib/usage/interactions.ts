import { sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { newId } from "#lib/ground/ids.ts";

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

type Counted = {
  holdId: string | null;
  model: string;
  apiKeyId: string | null;
  promptTokens: number;
  cachedTokens: number;
  completionTokens: number;
  estimated: boolean;
  costMicros: number;
  chargedMicros: number;
  lossMicros: number;
  at: Date;
};

/** A call that gave nothing and cost nothing. */
export const noTokens = {
  promptTokens: 0,
  cachedTokens: 0,
  completionTokens: 0,
  estimated: false,
  costMicros: 0,
  chargedMicros: 0,
  lossMicros: 0,
};

/** Writes a call into the request log, once a hold. */
export async function recordInteraction(
  tx: Tx,
  workspaceId: string,
  call: Interaction & Counted,
): Promise<void> {
  await tx.execute(sql`
    insert into openai_interactions (id, workspace_id, user_id, api_key_id, hold_id, purpose, model, upstream, prompt_tokens,
      cached_tokens, completion_tokens, estimated, cost_micros, charged_micros, loss_micros, first_token_ms, duration_ms,
      outcome, error_code, request_id, prompt, answer, at)
    values (${newId(call.at.getTime())}::uuid, ${workspaceId}::uuid, ${call.userId}::uuid, ${call.apiKeyId}::uuid,
      ${call.holdId}::uuid, ${call.purpose}, ${call.model}, ${call.upstream}, ${call.promptTokens}, ${call.cachedTokens},
      ${call.completionTokens}, ${call.estimated}, ${call.costMicros}, ${call.chargedMicros}, ${call.lossMicros},
      ${call.firstTokenMs}, ${call.durationMs}, ${call.outcome}, ${call.errorCode}, ${call.requestId}, ${call.prompt},
      ${call.answer}, ${call.at.toISOString()}::timestamptz)
    on conflict (hold_id) do nothing`);
}
