-- Finalizes generations, at most one per workspace: text, receipt, credit and the log's last event in one
-- transaction, guarded by status = 'running'. The fields of a request are in lib/chat/generation/finalize.ts;
-- the previous release sends `unloggedText` instead of `parts` and `unlogged`. A request without a receipt is
-- not charged. One result per request, in order: {end, settled}, null when the
-- generation had ended before, and "busy" when its rows were locked. Only a batch returns "busy"; a single
-- request waits.
create or replace function finalize_generations(p_requests jsonb, p_at timestamptz) returns jsonb
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
  v_ids uuid[] := array(select (r ->> 'generationId')::uuid from jsonb_array_elements(p_requests) r);
  v_running uuid[];
  v_workspaces uuid[];
  v_holds uuid[];
  v_charges bigint[];
  v_costs bigint[];
  v_calls jsonb[];
  v_settled jsonb := '{}';
  v_unpaid record;
  v_results jsonb;
begin
  if cardinality(v_ids) = 1 then
    v_running := array(select id from generations where id = v_ids[1] and status = 'running' for no key update);
    perform 1 from balances b join generations g on g.workspace_id = b.workspace_id where g.id = any(v_running)
      for update of b;
  else
    v_running := array(
      select id from generations where id = any(v_ids) and status = 'running' for no key update skip locked
    );
    v_running := array(
      select g.id from balances b join generations g on g.workspace_id = b.workspace_id
      where g.id = any(v_running) for update of b skip locked
    );
  end if;

  select array_agg(g.workspace_id), array_agg(g.hold_id), array_agg((r ->> 'chargeMicros')::bigint),
    array_agg((r ->> 'costMicros')::bigint), array_agg(r -> 'call')
  into v_workspaces, v_holds, v_charges, v_costs, v_calls
  from jsonb_array_elements(p_requests) r join generations g on g.id = (r ->> 'generationId')::uuid
  where g.id = any(v_running) and jsonb_typeof(r -> 'receipt') = 'object';
  if v_holds is not null then
    v_settled := settle_holds(v_workspaces, v_holds, v_charges, v_costs, v_calls, p_at);
    if not v_settled ?& v_holds::text[] then raise exception 'a generation has no hold'; end if;
  end if;
  if coalesce(cardinality(v_holds), 0) < cardinality(v_running) then
    for v_unpaid in
      select g.workspace_id, g.hold_id, r -> 'call' as call
      from jsonb_array_elements(p_requests) r join generations g on g.id = (r ->> 'generationId')::uuid
      where g.id = any(v_running) and jsonb_typeof(r -> 'receipt') is distinct from 'object'
    loop
      perform release_hold(v_unpaid.workspace_id, v_unpaid.hold_id, v_unpaid.call, p_at);
    end loop;
  end if;

  with request as materialized (
    select * from rows from (jsonb_to_recordset(p_requests) as ("generationId" uuid, "messageId" uuid, outcome text,
      error jsonb, model text, "firstTokenMs" integer, text text, parts jsonb, length integer, unlogged jsonb,
      "unloggedText" text, "textTokens" integer, "thoughtMs" integer, receipt jsonb))
      with ordinality as r (generation_id, message_id, outcome, error, model, first_token_ms, text, parts, length, unlogged,
        unlogged_text, text_tokens, thought_ms, receipt, position)
  ), finalized as materialized (
    select r.*, s.settled, f.receipt as full_receipt, jsonb_build_object('type', 'end', 'outcome', r.outcome, 'receipt',
      coalesce(f.receipt, 'null'), 'error', coalesce(r.error, 'null'), 'availableMicros',
      coalesce(s.settled -> 'availableMicros', 'null'), 'thoughtMs', coalesce(r.thought_ms, 0)) as event
    from request r join generations g on g.id = r.generation_id
    left join lateral (
      select (v_settled -> g.hold_id::text) || jsonb_build_object('availableMicros', c.available_micros) as settled
      from credit_of(g.workspace_id, p_at) c offset 0
    ) s on jsonb_typeof(r.receipt) = 'object'
    left join lateral (
      select r.receipt || jsonb_build_object('chargedMicros', s.settled -> 'chargedMicros',
        'firstMessageId', g.first_message_id) as receipt offset 0
    ) f on s.settled is not null
    where g.id = any(v_running)
  ), generation as (
    update generations g set status = e.outcome, ended_at = p_at, error_code = e.error ->> 'code', model = e.model,
      first_token_ms = e.first_token_ms, estimated = coalesce((e.full_receipt ->> 'estimated')::boolean, false),
      prompt_tokens = coalesce((e.full_receipt ->> 'promptTokens')::integer, g.prompt_tokens),
      completion_tokens = (e.full_receipt ->> 'completionTokens')::integer,
      cached_tokens = (e.full_receipt ->> 'cachedTokens')::integer,
      reasoning_tokens = (e.full_receipt ->> 'reasoningTokens')::integer,
      charged_micros = (e.full_receipt ->> 'chargedMicros')::bigint
    from finalized e where g.id = e.generation_id
  ), message as (
    update messages m set content = e.text, tokens = e.text_tokens, status = e.outcome, model = e.model,
      parts = coalesce(e.parts, jsonb_build_array(jsonb_build_object('type', 'text', 'text', e.text)))
    from finalized e where m.id = e.message_id
  ), logged as (
    insert into generation_events (generation_id, seq, event, at)
    select e.generation_id, (u ->> 'seq')::integer, u -> 'event', p_at
    from finalized e cross join lateral jsonb_array_elements(e.unlogged) as u
    union all select generation_id, length, jsonb_build_object('type', 'text', 'text', unlogged_text), p_at
    from finalized where unlogged_text <> ''
    union all select generation_id, length + 1, event, p_at from finalized
    on conflict do nothing
  )
  select jsonb_agg(case
    when e.position is not null then jsonb_build_object('end', e.event, 'settled', e.settled)
    when g.status = 'running' then '"busy"'
    else 'null'
  end order by r.position) into v_results
  from request r left join finalized e on e.position = r.position
  left join generations g on g.id = r.generation_id;
  return v_results;
end $$;
