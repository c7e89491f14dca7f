/**
 * The SQL for the receipt of the generation row `g`, as JSON; null while it runs and when nothing was
 * received.
 */
export const receiptSql = `case when g.charged_micros is null then null else jsonb_build_object(
  'model', g.model, 'promptTokens', g.prompt_tokens, 'completionTokens', g.completion_tokens,
  'cachedTokens', coalesce(g.cached_tokens, 0), 'reasoningTokens', coalesce(g.reasoning_tokens, 0),
  'chargedMicros', g.charged_micros, 'estimated', g.estimated, 'firstTokenMs', g.first_token_ms,
  'firstMessageId', g.first_message_id,
  'durationMs', greatest(0, round(extract(epoch from g.ended_at - g.started_at) * 1000))::int) end`;
