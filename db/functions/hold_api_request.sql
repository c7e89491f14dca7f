-- Takes a token of the workspace's rate limit and a hold for a request of the public API. Refusals in order:
-- rate limit, budget of the API key, credit. A request without a bucket has taken its token already. Called
-- by lib/chat/api/request-credit.ts, which documents the fields.
create or replace function hold_api_request(p_request jsonb) returns jsonb
language plpgsql as $$
declare
  v_workspace uuid := (p_request ->> 'workspaceId')::uuid;
  v_per_minute integer := (p_request ->> 'requestsPerMinute')::integer;
  v_at timestamptz := (p_request ->> 'at')::timestamptz;
  v_remaining integer := 0;
  v_retry_after_seconds integer := 0;
  v_hold record;
begin
  perform lock_balance(v_workspace, true);
  if p_request ->> 'bucket' is not null then
    select remaining, retry_after_seconds into v_remaining, v_retry_after_seconds
    from take_token(p_request ->> 'bucket', v_per_minute, v_per_minute, v_at);
  end if;
  if v_retry_after_seconds > 0 then
    return jsonb_build_object('outcome', 'too_many_requests', 'remainingRequests', 0,
      'retryAfterSeconds', v_retry_after_seconds);
  end if;
  select * into v_hold
  from take_hold(v_workspace, (p_request ->> 'holdId')::uuid, 'request', (p_request ->> 'holdId')::uuid,
    p_request ->> 'model', (p_request ->> 'holdMicros')::bigint,
    coalesce((p_request ->> 'likelyMicros')::bigint, (p_request ->> 'holdMicros')::bigint),
    (p_request ->> 'minimumMicros')::bigint, p_request -> 'rates', v_at, (p_request ->> 'expiresAt')::timestamptz,
    p_request -> 'grant', (p_request ->> 'apiKeyId')::uuid, (p_request ->> 'budgetMicros')::bigint);
  return jsonb_build_object('remainingRequests', v_remaining, 'heldMicros', v_hold.amount_micros, 'outcome', case
    when v_hold.ok then 'held'
    -- The previous release, which sends no likely amount, does not know this outcome.
    when v_hold.is_reserved and p_request ? 'likelyMicros' then 'credit_reserved'
    when v_hold.budget_left_micros <= 0 or v_hold.budget_left_micros < (p_request ->> 'minimumMicros')::bigint
      then 'budget_spent'
    else 'insufficient_credit'
  end);
end $$;
