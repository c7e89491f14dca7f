-- The way back: answers start and end one by one again. No data changes.
drop function end_generations(jsonb, timestamptz);
--> statement-breakpoint
drop function settle_plain(uuid[], uuid[], jsonb[], timestamptz);
--> statement-breakpoint
drop function is_plain(holds);
--> statement-breakpoint
drop function note_warnings(uuid[], timestamptz[], timestamptz);
--> statement-breakpoint
drop function count_usage(uuid[], text[], jsonb[], bigint[], bigint[], timestamptz);
--> statement-breakpoint
drop function record_calls(uuid[], uuid[], text[], jsonb[], bigint[], bigint[], bigint[], timestamptz);
--> statement-breakpoint
drop function draw_credits(uuid[], uuid[], timestamptz[], bigint[], timestamptz);
--> statement-breakpoint
drop function start_generations(jsonb);
--> statement-breakpoint
drop function take_turns(text[], integer[], timestamptz[]);
--> statement-breakpoint
drop function fit_hold(uuid, bigint, bigint, timestamptz);
--> statement-breakpoint
drop function credit_of(uuid, timestamptz);
--> statement-breakpoint
drop function reserved_credit(uuid, timestamptz, uuid, timestamptz, timestamptz);
--> statement-breakpoint
CREATE OR REPLACE FUNCTION credit_left(p_workspace uuid, p_at timestamp with time zone, p_whole uuid DEFAULT NULL::uuid, p_from timestamp with time zone DEFAULT NULL::timestamp with time zone, p_to timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS bigint
 LANGUAGE plpgsql
 STABLE
AS $function$
declare
  v_running bigint;
  v_held bigint;
  v_covered bigint := 0;
  v_grant record;
begin
  select coalesce(sum(remaining_micros), 0) into v_running from grants
    where workspace_id = p_workspace
      and ((starts_at <= p_at and expires_at > p_at) or remaining_micros < 0);
  select held_micros into v_held from balances where workspace_id = p_workspace;
  v_held := coalesce(v_held, 0);
  if v_held > 0 then
    if exists (select 1 from overage_windows where workspace_id = p_workspace) then
      select coalesce(sum(claim_of(h, p_whole, p_from, p_to)), 0) into v_held from holds h
        where h.workspace_id = p_workspace and h.state = 'held';
    end if;
    for v_grant in
      select remaining_micros, expires_at from grants
      where workspace_id = p_workspace and expires_at <= p_at and remaining_micros > 0 order by expires_at
    loop
      v_covered := v_covered + greatest(0, least(v_grant.remaining_micros, (
        select coalesce(sum(claim_of(h, p_whole, p_from, p_to)), 0) from holds h
        where h.workspace_id = p_workspace and h.state = 'held' and h.taken_at < v_grant.expires_at
      ) - v_covered));
    end loop;
  end if;
  return v_running - (v_held - v_covered);
end $function$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION available_credit(p_workspace uuid, p_at timestamp with time zone)
 RETURNS bigint
 LANGUAGE plpgsql
 STABLE
AS $function$
declare
  v_credit bigint := credit_left(p_workspace, p_at);
begin
  return case when v_credit < 0 then v_credit else v_credit + overage_left(p_workspace, p_at) end;
end $function$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION take_hold(p_workspace uuid, p_hold uuid, p_subject_kind text, p_subject uuid, p_model text, p_amount bigint, p_minimum bigint, p_rates jsonb, p_at timestamp with time zone, p_expires timestamp with time zone, p_grant jsonb DEFAULT NULL::jsonb)
 RETURNS TABLE(ok boolean, amount_micros bigint, available_micros bigint)
 LANGUAGE plpgsql
AS $function$
#variable_conflict use_column
declare
  v_credit bigint;
  v_available bigint;
  v_amount bigint;
begin
  perform 1 from balances b where b.workspace_id = p_workspace for update;
  if not found then raise exception 'workspace % has no balance', p_workspace; end if;
  select h.amount_micros into v_amount from holds h where h.subject_kind = p_subject_kind and h.subject_id = p_subject;
  if found then
    return query select true, v_amount, available_credit(p_workspace, p_at);
    return;
  end if;
  if p_grant is not null and p_grant <> 'null'::jsonb then
    perform write_grant(p_workspace, coalesce((p_grant ->> 'id')::uuid, gen_random_uuid()), p_grant ->> 'kind',
      (p_grant ->> 'amountMicros')::bigint, (p_grant ->> 'startsAt')::timestamptz, (p_grant ->> 'expiresAt')::timestamptz,
      p_grant ->> 'sourceKey', p_at);
  end if;
  v_credit := credit_left(p_workspace, p_at);
  v_available := case when v_credit < 0 then v_credit else v_credit + overage_left(p_workspace, p_at) end;
  if v_available < p_minimum then
    return query select false, 0::bigint, v_available;
    return;
  end if;
  v_amount := greatest(p_minimum, least(p_amount, v_available));
  insert into holds (id, workspace_id, subject_id, subject_kind, model, amount_micros, overage_micros, rates, taken_at, expires_at)
    values (p_hold, p_workspace, p_subject, p_subject_kind, p_model, v_amount, greatest(0, v_amount - greatest(0, v_credit)), p_rates,
      p_at, p_expires);
  update balances b set held_micros = b.held_micros + v_amount where b.workspace_id = p_workspace;
  return query select true, v_amount, v_available - v_amount;
end $function$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION take_turn(bucket text, per_minute integer, moment timestamp with time zone)
 RETURNS integer
 LANGUAGE plpgsql
AS $function$
declare
  turn_ms double precision := 60000.0 / per_minute;
  taken rate_buckets;
begin
  insert into rate_buckets as b (key, tokens, refilled_at) values (bucket, per_minute - 1, moment)
  on conflict (key) do update set (tokens, refilled_at) = (
    select
      case when kept + gained >= 1 then least(kept + gained, per_minute) - 1 else -1 end,
      case when kept + gained >= per_minute then greatest(moment, b.refilled_at)
        else b.refilled_at + gained * turn_ms * interval '1 millisecond' end
    from (select greatest(b.tokens, 0) as kept,
      floor(greatest(0, extract(epoch from (moment - b.refilled_at)) * 1000) / turn_ms)::integer as gained) as refill
  )
  returning * into taken;
  if taken.tokens >= 0 then
    return 0;
  end if;
  return greatest(1, ceil((extract(epoch from (taken.refilled_at - moment)) * 1000 + turn_ms) / 1000));
end $function$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION start_generation(wish jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
AS $function$
declare
  generation uuid := (wish ->> 'generationId')::uuid;
  conversation uuid := (wish ->> 'conversationId')::uuid;
  workspace uuid := (wish ->> 'workspaceId')::uuid;
  person uuid := (wish ->> 'userId')::uuid;
  answer uuid := (wish ->> 'answerId')::uuid;
  moment timestamptz := (wish ->> 'at')::timestamptz;
  wait_seconds integer;
  fits boolean;
  held bigint;
begin
  -- The same request sent twice at once: the second waits here, then finds what the first wrote.
  perform pg_advisory_xact_lock(hashtextextended(wish ->> 'generationId', 0));
  if exists (select 1 from generations where id = generation) then
    return jsonb_build_object('outcome', 'replay');
  end if;

  wait_seconds := take_turn(wish ->> 'bucket', (wish ->> 'requestsPerMinute')::integer, moment);
  if wait_seconds > 0 then
    return jsonb_build_object('outcome', 'too_many_requests', 'retryAfterSeconds', wait_seconds);
  end if;

  select ok, amount_micros into fits, held from take_hold(workspace, (wish ->> 'holdId')::uuid, 'generation', generation,
    wish ->> 'model', (wish ->> 'holdMicros')::bigint, (wish ->> 'minimumMicros')::bigint, wish -> 'rates', moment,
    (wish ->> 'holdExpiresAt')::timestamptz, wish -> 'grant');
  if not fits then
    return jsonb_build_object('outcome', 'insufficient_credit');
  end if;

  insert into conversations as c (id, workspace_id, user_id, title, title_source, model, active_leaf_id, created_at, updated_at)
  values (conversation, workspace, person, wish ->> 'title', 'draft', wish ->> 'model', answer, moment, moment)
  on conflict (id) do update set model = excluded.model, active_leaf_id = excluded.active_leaf_id, updated_at = excluded.updated_at
  where c.workspace_id = workspace and c.user_id = person and c.deleted_at is null;
  if not found then
    -- Deleted, or somebody else's, since it was looked at. Raised, so that the hold is undone with it.
    raise exception 'conversation is gone' using errcode = 'P0002';
  end if;

  if jsonb_typeof(wish -> 'message') = 'object' then
    insert into messages (id, workspace_id, conversation_id, parent_id, role, parts, content, tokens, status, created_at)
    values ((wish #>> '{message,id}')::uuid, workspace, conversation, (wish #>> '{message,parentId}')::uuid, 'user',
      jsonb_build_array(jsonb_build_object('type', 'text', 'text', wish #> '{message,text}')),
      wish #>> '{message,text}', (wish #>> '{message,tokens}')::integer, 'done', moment);
  end if;
  insert into messages (id, workspace_id, conversation_id, parent_id, role, parts, content, model, status, created_at)
  values (answer, workspace, conversation, (wish ->> 'answerParentId')::uuid, 'assistant', '[]', '', wish ->> 'model',
    'streaming', moment + interval '1 millisecond');
  insert into generations (id, workspace_id, user_id, conversation_id, message_id, hold_id, model, prompt_tokens,
    instance_id, heartbeat_at, started_at, request_id)
  values (generation, workspace, person, conversation, answer, (wish ->> 'holdId')::uuid, wish ->> 'model',
    (wish ->> 'promptTokens')::integer, wish ->> 'instanceId', moment, moment, wish ->> 'requestId');
  return jsonb_build_object('outcome', 'started', 'heldMicros', held);
end $function$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION draw_credit(p_workspace uuid, p_hold uuid, p_taken_at timestamp with time zone, p_amount bigint, p_at timestamp with time zone)
 RETURNS bigint
 LANGUAGE sql
AS $function$
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
$function$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION record_call(p_workspace uuid, p_hold uuid, p_model text, p_call jsonb, p_cost bigint, p_charged bigint, p_loss bigint, p_at timestamp with time zone)
 RETURNS void
 LANGUAGE sql
AS $function$
  insert into openai_interactions (id, workspace_id, user_id, api_key_id, hold_id, purpose, model, upstream, prompt_tokens,
    cached_tokens, completion_tokens, estimated, cost_micros, charged_micros, loss_micros, first_token_ms, duration_ms,
    outcome, error_code, request_id, prompt, answer, at)
  values ((p_call ->> 'id')::uuid, p_workspace, (p_call ->> 'userId')::uuid, (p_call ->> 'apiKeyId')::uuid, p_hold,
    p_call ->> 'purpose', p_model, p_call ->> 'upstream', (p_call ->> 'promptTokens')::integer, (p_call ->> 'cachedTokens')::integer,
    (p_call ->> 'completionTokens')::integer, (p_call ->> 'estimated')::boolean, p_cost, p_charged, p_loss,
    (p_call ->> 'firstTokenMs')::integer, (p_call ->> 'durationMs')::integer, p_call ->> 'outcome', p_call ->> 'errorCode',
    p_call ->> 'requestId', p_call ->> 'prompt', p_call ->> 'answer', p_at)
  on conflict (hold_id) do nothing
$function$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION note_warnings(p_workspace uuid, p_taken_at timestamp with time zone, p_at timestamp with time zone)
 RETURNS void
 LANGUAGE sql
AS $function$
  insert into usage_warnings (workspace_id, subject, period_at, percent, used_micros, limit_micros, reached_at)
  select p_workspace, u.subject, u.period_at, p.percent, u.used_micros, u.limit_micros, p_at
  from (
    select 'allowance' as subject, max(expires_at) as period_at, sum(spent_micros) as used_micros,
      sum(spent_micros + greatest(0, remaining_micros)) as limit_micros
    from grants
    where workspace_id = p_workspace and kind in ('allowance', 'trial') and starts_at <= p_at and expires_at > p_at
    union all
    select 'overage', starts_at, used_micros, cap_micros from overage_windows
    where workspace_id = p_workspace and starts_at <= p_taken_at and ends_at > p_taken_at
  ) u cross join (values (50), (80), (100)) p (percent)
  where u.limit_micros > 0 and u.used_micros * 1000 >= u.limit_micros * least(p.percent * 10, 999)
  on conflict do nothing
$function$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION settle_hold(p_workspace uuid, p_hold uuid, p_call jsonb, p_at timestamp with time zone)
 RETURNS jsonb
 LANGUAGE plpgsql
AS $function$
declare
  v_hold holds%rowtype;
  v_prompt bigint := (p_call ->> 'promptTokens')::bigint;
  v_cached bigint := (p_call ->> 'cachedTokens')::bigint;
  v_completion bigint := (p_call ->> 'completionTokens')::bigint;
  v_charge bigint;
  v_cost bigint;
  v_window overage_windows%rowtype;
  v_own bigint;
  v_room bigint;
  v_swap bigint := 0;
  v_drawn bigint;
  v_moved bigint := 0;
  v_lent bigint := 0;
  v_covered bigint;
  v_loss bigint;
begin
  perform 1 from balances where workspace_id = p_workspace for update;
  select * into v_hold from holds where id = p_hold and workspace_id = p_workspace;
  if not found then return null; end if;
  if v_hold.state <> 'held' then
    return jsonb_build_object('settled', false, 'model', v_hold.model, 'chargedMicros', coalesce(v_hold.charged_micros, 0),
      'costMicros', 0, 'lossMicros', 0, 'availableMicros', available_credit(p_workspace, p_at));
  end if;

  v_charge := charge_micros(v_hold.rates -> 'price', v_prompt, v_cached, v_completion);
  v_cost := charge_micros(v_hold.rates -> 'cost', v_prompt, v_cached, v_completion);
  -- What it may draw of credit without touching what other holds are to have of it.
  v_own := v_hold.amount_micros + greatest(-v_hold.overage_micros, credit_left(p_workspace, p_at, p_hold));
  if v_charge > v_own then
    select * into v_window from overage_windows
      where workspace_id = p_workspace and starts_at <= v_hold.taken_at and ends_at > v_hold.taken_at;
    if found then
      -- Beyond that, it may spend what others of its window are to have, as far as it can leave them as much of the cap.
      v_room := v_hold.overage_micros
        + case when credit_left(p_workspace, p_at) < 0 then 0 else overage_left(p_workspace, v_hold.taken_at) end;
      v_swap := greatest(0, least(v_charge - v_own, v_room, v_hold.amount_micros - v_own
        + credit_left(p_workspace, p_at, p_hold, v_window.starts_at, v_window.ends_at)));
    end if;
  end if;
  v_drawn := draw_credit(p_workspace, p_hold, v_hold.taken_at, least(v_charge, v_own + v_swap), p_at);
  update holds set state = 'settled', charged_micros = v_drawn, ended_at = p_at where id = p_hold;
  update balances set held_micros = held_micros - v_hold.amount_micros, balance_micros = balance_micros - v_drawn
    where workspace_id = p_workspace;
  if v_drawn > v_own then
    v_moved := least(v_drawn - v_own, greatest(0, -credit_left(p_workspace, p_at)));
    perform move_claims(p_workspace, v_window.starts_at, v_window.ends_at, v_moved);
  end if;
  if v_drawn < v_charge then
    v_lent := lend_overage(p_workspace, p_hold, v_hold.taken_at, least(v_charge - v_drawn, greatest(
      v_hold.overage_micros - v_moved,
      case when credit_left(p_workspace, p_at) < 0 then 0 else overage_left(p_workspace, v_hold.taken_at) end)), p_at);
    if v_lent > 0 then update holds set charged_micros = v_drawn + v_lent where id = p_hold; end if;
  end if;
  v_covered := v_drawn + v_lent;
  v_loss := v_charge - v_covered;
  if v_loss > 0 then
    insert into ledger_entries (workspace_id, kind, amount_micros, hold_id, source, at) values
      (p_workspace, 'overrun', -v_loss, p_hold, 'hold:' || p_hold, p_at),
      (p_workspace, 'loss', v_loss, p_hold, 'hold:' || p_hold, p_at);
  end if;
  if v_covered > 0 then perform note_warnings(p_workspace, v_hold.taken_at, p_at); end if;

  perform record_call(p_workspace, p_hold, v_hold.model, p_call, v_cost, v_covered, v_loss, p_at);
  insert into usage_daily as d (workspace_id, day, model, api_key_id, requests, prompt_tokens, completion_tokens, cost_micros,
    charged_micros)
  values (p_workspace, (p_at at time zone 'UTC')::date, v_hold.model,
    coalesce((p_call ->> 'apiKeyId')::uuid, '00000000-0000-0000-0000-000000000000'), 1, v_prompt, v_completion, v_cost, v_covered)
  on conflict (workspace_id, day, model, api_key_id) do update set requests = d.requests + 1,
    prompt_tokens = d.prompt_tokens + excluded.prompt_tokens, completion_tokens = d.completion_tokens + excluded.completion_tokens,
    cost_micros = d.cost_micros + excluded.cost_micros, charged_micros = d.charged_micros + excluded.charged_micros;
  return jsonb_build_object('settled', true, 'model', v_hold.model, 'chargedMicros', v_covered, 'costMicros', v_cost,
    'lossMicros', v_loss, 'availableMicros', available_credit(p_workspace, p_at));
end $function$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION end_generation(wish jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
AS $function$
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
end $function$;
