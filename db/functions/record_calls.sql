-- Adds calls to the request log, one per hold. A call has the fields of `callFields`
-- (lib/usage/interactions.ts).
create or replace function record_calls(p_workspaces uuid[], p_holds uuid[], p_models text[], p_calls jsonb[],
  p_costs bigint[], p_charged bigint[], p_losses bigint[], p_at timestamptz)
returns void
language sql as $$
  insert into openai_interactions (id, workspace_id, user_id, api_key_id, hold_id, purpose, model, upstream, prompt_tokens,
    cached_tokens, completion_tokens, estimated, cost_micros, charged_micros, loss_micros, first_token_ms, duration_ms,
    outcome, error_code, request_id, conversation_id, prompt, answer, at)
  select (c.call ->> 'id')::uuid, c.workspace_id, (c.call ->> 'userId')::uuid, (c.call ->> 'apiKeyId')::uuid, c.hold_id,
    c.call ->> 'purpose', c.model, c.call ->> 'upstream', (c.call ->> 'promptTokens')::integer,
    (c.call ->> 'cachedTokens')::integer, (c.call ->> 'completionTokens')::integer, (c.call ->> 'estimated')::boolean,
    c.cost, c.charged, c.loss, (c.call ->> 'firstTokenMs')::integer, (c.call ->> 'durationMs')::integer, c.call ->> 'outcome',
    c.call ->> 'errorCode', c.call ->> 'requestId', (c.call ->> 'conversationId')::uuid,
    c.call ->> 'prompt', c.call ->> 'answer', p_at
  from unnest(p_workspaces, p_holds, p_models, p_calls, p_costs, p_charged, p_losses)
    as c (workspace_id, hold_id, model, call, cost, charged, loss)
  on conflict (hold_id) do nothing
$$;
