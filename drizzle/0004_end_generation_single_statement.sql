-- What an answer costs by a price list, rounded up once to a micro-USD (M6): chargeMicros in lib/usage/charge.ts, callable inside
-- a settlement. Rates are micro-USD per million tokens; cached tokens are part of the prompt's.
create function charge_micros(p_rates jsonb, p_prompt bigint, p_cached bigint, p_completion bigint) returns bigint
language sql immutable as $$
  select ceil((
    (p_prompt - least(p_cached, p_prompt)) * (p_rates ->> 'inputMicrosPerMillion')::numeric
    + least(p_cached, p_prompt) * (p_rates ->> 'cachedInputMicrosPerMillion')::numeric
    + p_completion * (p_rates ->> 'outputMicrosPerMillion')::numeric
  ) / 1000000)::bigint
$$;
--> statement-breakpoint
-- Draws an amount from what a hold may draw from (those grants that were alive when it was taken, and those that run now) and writes
-- the entries. The order of spending (M3): first what has ended since, which nobody else may use; then what expires first, top-ups
-- last. Returns what was covered. The caller has locked the balance row.
create function draw_credit(p_workspace uuid, p_hold uuid, p_taken_at timestamptz, p_amount bigint, p_at timestamptz) returns bigint
language sql as $$
  with open as (
    select id, remaining_micros, coalesce(sum(remaining_micros) over (
      order by expires_at <= p_at desc, expires_at > p_at and kind = 'top_up', expires_at, created_at, id
      rows between unbounded preceding and 1 preceding
    ), 0) as before_it
    from grants
    where workspace_id = p_workspace and remaining_micros > 0 and starts_at <= p_at and expires_at > p_taken_at
  ), draws as (
    select id, least(remaining_micros, p_amount - before_it)::bigint as micros from open where before_it < p_amount
  ), drawn as (
    update grants g set remaining_micros = g.remaining_micros - d.micros, spent_micros = g.spent_micros + d.micros
    from draws d where g.id = d.id
  ), written as (
    insert into ledger_entries (workspace_id, kind, amount_micros, grant_id, hold_id, source, at)
    select p_workspace, 'spend', -micros, id, p_hold, 'hold:' || p_hold, p_at from draws
  )
  select coalesce(sum(micros), 0)::bigint from draws
$$;
--> statement-breakpoint
-- Writes a call into the request log, once a hold. `p_call` is an Interaction (lib/usage/interactions.ts) with its tokens.
create function record_call(p_workspace uuid, p_hold uuid, p_model text, p_call jsonb, p_cost bigint, p_charged bigint, p_loss bigint,
  p_at timestamptz) returns void
language sql as $$
  insert into openai_interactions (id, workspace_id, user_id, api_key_id, hold_id, purpose, model, upstream, prompt_tokens,
    cached_tokens, completion_tokens, estimated, cost_micros, charged_micros, loss_micros, first_token_ms, duration_ms,
    outcome, error_code, request_id, prompt, answer, at)
  values ((p_call ->> 'id')::uuid, p_workspace, (p_call ->> 'userId')::uuid, (p_call ->> 'apiKeyId')::uuid, p_hold,
    p_call ->> 'purpose', p_model, p_call ->> 'upstream', (p_call ->> 'promptTokens')::integer, (p_call ->> 'cachedTokens')::integer,
    (p_call ->> 'completionTokens')::integer, (p_call ->> 'estimated')::boolean, p_cost, p_charged, p_loss,
    (p_call ->> 'firstTokenMs')::integer, (p_call ->> 'durationMs')::integer, p_call ->> 'outcome', p_call ->> 'errorCode',
    p_call ->> 'requestId', p_call ->> 'prompt', p_call ->> 'answer', p_at)
  on conflict (hold_id) do nothing
$$;
--> statement-breakpoint
-- Charges what was received and frees the rest of the hold, exactly once (M5, M6, M7), by the rates of the moment the hold was taken.
-- Up to the hold it is paid for certain; what the upstream counted beyond is taken from what nobody else has reserved; what is left
-- then is our loss. Ledger, balance, request log and the day's sums change together. Null where there is no such hold. Called by
-- lib/usage/settle-hold.ts.
create function settle_hold(p_workspace uuid, p_hold uuid, p_call jsonb, p_at timestamptz) returns jsonb
language plpgsql as $$
declare
  v_hold holds%rowtype;
  v_free bigint;
  v_prompt bigint := (p_call ->> 'promptTokens')::bigint;
  v_cached bigint := (p_call ->> 'cachedTokens')::bigint;
  v_completion bigint := (p_call ->> 'completionTokens')::bigint;
  v_charge bigint;
  v_cost bigint;
  v_covered bigint;
  v_loss bigint;
begin
  perform 1 from balances where workspace_id = p_workspace for update;
  select * into v_hold from holds where id = p_hold and workspace_id = p_workspace;
  if not found then return null; end if;
  v_free := available_credit(p_workspace, p_at);
  if v_hold.state <> 'held' then
    return jsonb_build_object('settled', false, 'model', v_hold.model, 'chargedMicros', coalesce(v_hold.charged_micros, 0),
      'costMicros', 0, 'lossMicros', 0, 'availableMicros', v_free);
  end if;

  v_charge := charge_micros(v_hold.rates -> 'price', v_prompt, v_cached, v_completion);
  v_cost := charge_micros(v_hold.rates -> 'cost', v_prompt, v_cached, v_completion);
  v_covered := draw_credit(p_workspace, p_hold, v_hold.taken_at, least(v_charge, v_hold.amount_micros + greatest(0, v_free)), p_at);
  v_loss := v_charge - v_covered;
  if v_loss > 0 then
    insert into ledger_entries (workspace_id, kind, amount_micros, hold_id, source, at) values
      (p_workspace, 'overrun', -v_loss, p_hold, 'hold:' || p_hold, p_at),
      (p_workspace, 'loss', v_loss, p_hold, 'hold:' || p_hold, p_at);
  end if;
  update holds set state = 'settled', charged_micros = v_covered, ended_at = p_at where id = p_hold;
  update balances set held_micros = held_micros - v_hold.amount_micros, balance_micros = balance_micros - v_covered
    where workspace_id = p_workspace;

  perform record_call(p_workspace, p_hold, v_hold.model, p_call, v_cost, v_covered, v_loss, p_at);
  insert into usage_daily as d (workspace_id, day, model, api_key_id, requests, prompt_tokens, completion_tokens, cost_micros,
    charged_micros)
  values (p_workspace, (p_at at time zone 'UTC')::date, v_hold.model,
    coalesce((p_call ->> 'apiKeyId')::uuid, '00000000-0000-0000-0000-000000000000'), 1, v_prompt, v_completion, v_cost, v_covered)
  on conflict (workspace_id, day, model, api_key_id) do update set requests = d.requests + 1,
    prompt_tokens = d.prompt_tokens + excluded.prompt_tokens, completion_tokens = d.completion_tokens + excluded.completion_tokens,
    cost_micros = d.cost_micros + excluded.cost_micros, charged_micros = d.charged_micros + excluded.charged_micros;
  return jsonb_build_object('settled', true, 'model', v_hold.model, 'chargedMicros', v_covered, 'costMicros', v_cost,
    'lossMicros', v_loss, 'availableMicros', v_free + v_hold.amount_micros - v_covered);
end $$;
--> statement-breakpoint
drop function apply_settlement(uuid, uuid, jsonb, bigint, bigint, timestamptz);
--> statement-breakpoint
drop function gather_settlement(uuid, uuid, timestamptz);
--> statement-breakpoint
-- Ends a hold without a charge, once; `p_call`, where there was one, goes into the request log.
create function end_unpaid(p_workspace uuid, p_hold uuid, p_call jsonb, p_at timestamptz) returns boolean
language plpgsql as $$
begin
  if not release_hold(p_workspace, p_hold, p_at) then return false; end if;
  if jsonb_typeof(p_call) = 'object' then
    perform record_call(p_workspace, p_hold, (select model from holds where id = p_hold), p_call, 0, 0, 0, p_at);
  end if;
  return true;
end $$;
--> statement-breakpoint
-- Ends an answer: text, receipt, credit and the log's last event in one transaction, guarded by `status = 'running'`. Called by
-- lib/chat/finish.ts, where the fields of "wish" are written down. Null when somebody else was quicker, and nothing changes then;
-- else what the settlement came to and the last event.
create function end_generation(wish jsonb) returns jsonb language plpgsql as $$
declare
  generation uuid := (wish ->> 'generationId')::uuid;
  workspace uuid := (wish ->> 'workspaceId')::uuid;
  moment timestamptz := (wish ->> 'at')::timestamptz;
  answer text := wish ->> 'text';
  answer_length integer := (wish ->> 'length')::integer;
  receipt jsonb := wish -> 'receipt';
  settled jsonb;
  last_event jsonb;
  hold uuid;
begin
  select hold_id into hold from generations where id = generation and status = 'running' for update;
  if not found then return null; end if;

  if jsonb_typeof(receipt) = 'object' then
    settled := settle_hold(workspace, hold, wish -> 'call', moment);
    if settled is null then raise exception 'generation % has no hold', generation; end if;
    receipt := receipt || jsonb_build_object('chargedMicros', settled -> 'chargedMicros');
  else
    perform end_unpaid(workspace, hold, wish -> 'call', moment);
  end if;

  last_event := jsonb_build_object('type', 'end', 'outcome', wish -> 'outcome', 'receipt', receipt, 'error', wish -> 'error',
    'availableMicros', coalesce(settled -> 'availableMicros', 'null'));
  update generations set status = wish ->> 'outcome', ended_at = moment, error_code = wish #>> '{error,code}',
    model = wish ->> 'model', first_token_ms = (wish ->> 'firstTokenMs')::integer,
    estimated = coalesce((receipt ->> 'estimated')::boolean, false),
    prompt_tokens = coalesce((receipt ->> 'promptTokens')::integer, prompt_tokens),
    completion_tokens = (receipt ->> 'completionTokens')::integer, charged_micros = (receipt ->> 'chargedMicros')::bigint
  where id = generation;
  update messages set content = answer, tokens = (wish ->> 'textTokens')::integer, status = wish ->> 'outcome', model = wish ->> 'model',
    parts = jsonb_build_array(jsonb_build_object('type', 'text', 'text', answer))
  where id = (wish ->> 'messageId')::uuid;
  if wish ->> 'rest' <> '' then
    insert into generation_events (generation_id, seq, event, at)
    values (generation, answer_length, jsonb_build_object('type', 'text', 'text', wish -> 'rest'), moment)
    on conflict do nothing;
  end if;
  insert into generation_events (generation_id, seq, event, at) values (generation, answer_length + 1, last_event, moment);
  perform pg_notify(wish #>> '{wake,channel}', wish #>> '{wake,message}');
  return jsonb_build_object('end', last_event, 'settled', settled);
end $$;
