-- Answers that start or end at about the same time are written together. Of what an answer cost PostgreSQL, most was the beginning
-- of some forty statements; here each statement takes any number of answers, of one workspace each, and the rule that was one's is
-- the rule of all. Whoever needs one alone (the public API, the reaper, overage) calls the same functions with one.

-- What open holds need of a workspace's credit. Grants that have expired but that a hold taken before may still draw from cover that
-- hold, so they are counted against it and never as credit of their own. Open holds of before g1's end are also of before a later
-- g2's end, hence the running sum. The last three parameters are those of claim_of.
create function reserved_credit(p_workspace uuid, p_at timestamptz, p_whole uuid, p_from timestamptz, p_to timestamptz)
returns bigint
language plpgsql stable as $$
declare
  v_held bigint;
  v_covered bigint := 0;
  v_grant record;
begin
  select held_micros into v_held from balances where workspace_id = p_workspace;
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
  return coalesce(v_held, 0) - v_covered;
end $$;
--> statement-breakpoint
-- What credit has left beside what is held of it: what running grants have left (and what money back left below zero), less what open
-- holds need. One expression, so that a statement about many workspaces carries it along; only where a grant has expired under an
-- open hold, or overage was switched on, is there more to ask.
create or replace function credit_left(p_workspace uuid, p_at timestamptz, p_whole uuid default null,
  p_from timestamptz default null, p_to timestamptz default null) returns bigint
language sql stable as $$
  select coalesce((
    select sum(g.remaining_micros) from grants g
    where g.workspace_id = p_workspace and ((g.starts_at <= p_at and g.expires_at > p_at) or g.remaining_micros < 0)
  ), 0)::bigint - coalesce((
    select case
      when b.held_micros > 0 and (
        exists (select 1 from overage_windows w where w.workspace_id = p_workspace)
        or exists (
          select 1 from grants g where g.workspace_id = p_workspace and g.expires_at <= p_at and g.remaining_micros > 0
        )
      ) then reserved_credit(p_workspace, p_at, p_whole, p_from, p_to)
      else b.held_micros
    end
    from balances b where b.workspace_id = p_workspace
  ), 0)
$$;
--> statement-breakpoint
-- Credit, and what new holds may still take (M2): credit, then open overage (M16). Where money went back and more is owed than there
-- is, what is owed comes first, and nothing is lent on top of it (M19).
create function credit_of(p_workspace uuid, p_at timestamptz) returns table (credit_micros bigint, available_micros bigint)
language sql stable as $$
  select l.credit, case when l.credit < 0 then l.credit else l.credit + overage_left(p_workspace, p_at) end
  from (select credit_left(p_workspace, p_at) as credit offset 0) l
$$;
--> statement-breakpoint
create or replace function available_credit(p_workspace uuid, p_at timestamptz) returns bigint
language sql stable as $$
  select available_micros from credit_of(p_workspace, p_at)
$$;
--> statement-breakpoint
-- What a hold comes to (M2): clamped to what is available but never below the minimum, null where not even that fits; and how much of
-- it credit does not cover, so that it is reserved of the overage window's cap (M16).
create function fit_hold(p_workspace uuid, p_amount bigint, p_minimum bigint, p_at timestamptz)
returns table (available_micros bigint, amount_micros bigint, overage_micros bigint)
language sql stable as $$
  select c.available_micros, f.micros, greatest(0, f.micros - greatest(0, c.credit_micros))
  from (select * from credit_of(p_workspace, p_at) offset 0) c
  cross join lateral (
    select case when c.available_micros >= p_minimum then greatest(p_minimum, least(p_amount, c.available_micros)) end as micros
  ) f
$$;
--> statement-breakpoint
-- Takes a hold if it fits (M2, M5). `p_grant` is credit that is due now and given first if it was not given before (M9):
-- {id, kind, amountMicros, startsAt, expiresAt, sourceKey}. A hold that the subject has already is answered as it is, so asking twice
-- is asking once.
create or replace function take_hold(p_workspace uuid, p_hold uuid, p_subject_kind text, p_subject uuid, p_model text,
  p_amount bigint, p_minimum bigint, p_rates jsonb, p_at timestamptz, p_expires timestamptz, p_grant jsonb default null)
returns table (ok boolean, amount_micros bigint, available_micros bigint)
language plpgsql as $$
#variable_conflict use_column
declare
  v_amount bigint;
  v_fit record;
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
  select * into v_fit from fit_hold(p_workspace, p_amount, p_minimum, p_at);
  if v_fit.amount_micros is null then
    return query select false, 0::bigint, v_fit.available_micros;
    return;
  end if;
  insert into holds (id, workspace_id, subject_id, subject_kind, model, amount_micros, overage_micros, rates, taken_at, expires_at)
    values (p_hold, p_workspace, p_subject, p_subject_kind, p_model, v_fit.amount_micros, v_fit.overage_micros, p_rates, p_at,
      p_expires);
  update balances b set held_micros = b.held_micros + v_fit.amount_micros where b.workspace_id = p_workspace;
  return query select true, v_fit.amount_micros, v_fit.available_micros - v_fit.amount_micros;
end $$;
--> statement-breakpoint
drop function take_turn(text, integer, timestamptz);
--> statement-breakpoint
-- Takes one turn out of each bucket; a bucket fills up within a minute. The same buckets and the same counting as takeToken in
-- lib/accounts/rate-limit.ts. Returns how many turns are left, and the seconds to wait, 0 where the turn was given.
create function take_turns(p_buckets text[], p_per_minute integer[], p_moments timestamptz[])
returns table (bucket text, turns_left integer, wait_seconds integer)
language sql as $$
  insert into rate_buckets as b (key, tokens, refilled_at)
  select t.bucket, t.per_minute - 1, t.moment from unnest(p_buckets, p_per_minute, p_moments) as t (bucket, per_minute, moment)
  order by t.bucket
  -- A new bucket would have all turns but one left, by which the limit is known below.
  on conflict (key) do update set (tokens, refilled_at) = (
    select
      case when kept + gained >= 1 then least(kept + gained, excluded.tokens + 1) - 1 else -1 end,
      case when kept + gained > excluded.tokens then greatest(excluded.refilled_at, b.refilled_at)
        else b.refilled_at + gained * (60000.0 / (excluded.tokens + 1)) * interval '1 millisecond' end
    from (select greatest(b.tokens, 0) as kept, floor(greatest(0, extract(epoch from (excluded.refilled_at - b.refilled_at)) * 1000)
      / (60000.0 / (excluded.tokens + 1)))::integer as gained) as refill
  )
  returning b.key, greatest(0, b.tokens), case when b.tokens >= 0 then 0 else (
    select greatest(1, ceil((extract(epoch from (b.refilled_at - t.moment)) * 1000 + 60000.0 / t.per_minute) / 1000))
    from unnest(p_buckets, p_per_minute, p_moments) as t (bucket, per_minute, moment) where t.bucket = b.key
  ) end::integer
$$;
--> statement-breakpoint
-- Starts answers: messages, generation and hold of each in one transaction, or nothing of any. Called by lib/chat/apply-start.ts,
-- where the fields of a wish are written down. In company nobody waits for a workspace whose money somebody else is changing: that
-- wish is answered "busy", and comes again alone. What raises an error is found by asking for each alone.
create function start_generations(wishes jsonb) returns jsonb language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
  v_asked uuid[] := array(select (w ->> 'workspaceId')::uuid from jsonb_array_elements(wishes) w);
  v_locked uuid[];
  v_wish jsonb;
  v_buckets text[];
  v_waits integer[];
  v_results jsonb;
  v_fitting bigint;
  v_conversations bigint;
begin
  -- The same request sent twice at once: the second waits here, then finds what the first wrote.
  perform pg_advisory_xact_lock(l.key) from (
    select hashtextextended(w ->> 'generationId', 0) as key from jsonb_array_elements(wishes) w order by 1
  ) l;
  if cardinality(v_asked) = 1 then
    select array[workspace_id] into v_locked from balances where workspace_id = v_asked[1] for update;
    if not found then raise exception 'workspace % has no balance', v_asked[1]; end if;
  else
    v_locked := array(select workspace_id from balances where workspace_id = any(v_asked) for update skip locked);
  end if;

  select array_agg(t.bucket), array_agg(t.wait_seconds) into v_buckets, v_waits
  from (
    select array_agg(w ->> 'bucket') as buckets, array_agg((w ->> 'requestsPerMinute')::integer) as limits,
      array_agg((w ->> 'at')::timestamptz) as moments
    from jsonb_array_elements(wishes) w
    where (w ->> 'workspaceId')::uuid = any(v_locked)
      and not exists (select 1 from generations g where g.id = (w ->> 'generationId')::uuid)
  ) f
  cross join lateral take_turns(f.buckets, f.limits, f.moments) t;

  for v_wish in
    select w from jsonb_array_elements(wishes) w
    where jsonb_typeof(w -> 'grant') = 'object' and w ->> 'bucket' = any(v_buckets)
  loop
    perform write_grant((v_wish ->> 'workspaceId')::uuid, (v_wish #>> '{grant,id}')::uuid, v_wish #>> '{grant,kind}',
      (v_wish #>> '{grant,amountMicros}')::bigint, (v_wish #>> '{grant,startsAt}')::timestamptz,
      (v_wish #>> '{grant,expiresAt}')::timestamptz, v_wish #>> '{grant,sourceKey}', (v_wish ->> 'at')::timestamptz);
  end loop;

  with wish as materialized (
    select * from rows from (jsonb_to_recordset(wishes) as ("generationId" uuid, "conversationId" uuid, "answerId" uuid,
      "answerParentId" uuid, "workspaceId" uuid, "userId" uuid, message jsonb, title text, model text, "promptTokens" integer,
      "holdId" uuid, "holdMicros" bigint, "minimumMicros" bigint, rates jsonb, "holdExpiresAt" timestamptz, bucket text,
      "instanceId" text, "requestId" text, at timestamptz)) with ordinality as w (generation, conversation, answer, answer_parent,
      workspace, person, message, title, model, prompt_tokens, hold, hold_micros, minimum_micros, rates, hold_expires_at, bucket,
      instance, request, at, nr)
  ), fitting as materialized (
    select w.*, f.amount_micros, f.overage_micros
    from wish w join unnest(v_buckets, v_waits) as t (bucket, wait_seconds) on t.bucket = w.bucket and t.wait_seconds = 0
    cross join lateral fit_hold(w.workspace, w.hold_micros, w.minimum_micros, w.at) f
    where f.amount_micros is not null
  ), held as (
    insert into holds (id, workspace_id, subject_id, subject_kind, model, amount_micros, overage_micros, rates, taken_at, expires_at)
    select hold, workspace, generation, 'generation', model, amount_micros, overage_micros, rates, at, hold_expires_at from fitting
  ), reserved as (
    update balances b set held_micros = b.held_micros + f.amount_micros from fitting f where b.workspace_id = f.workspace
  ), conversed as (
    insert into conversations as c (id, workspace_id, user_id, title, title_source, model, active_leaf_id, created_at, updated_at)
    select conversation, workspace, person, title, 'draft', model, answer, at, at from fitting
    on conflict (id) do update set model = excluded.model, active_leaf_id = excluded.active_leaf_id, updated_at = excluded.updated_at
    where c.workspace_id = excluded.workspace_id and c.user_id = excluded.user_id and c.deleted_at is null
    returning c.id
  ), said as (
    insert into messages (id, workspace_id, conversation_id, parent_id, role, parts, content, model, tokens, status, created_at)
    select (message ->> 'id')::uuid, workspace, conversation, (message ->> 'parentId')::uuid, 'user',
      jsonb_build_array(jsonb_build_object('type', 'text', 'text', message -> 'text')), message ->> 'text', null,
      (message ->> 'tokens')::integer, 'done', at
    from fitting where jsonb_typeof(message) = 'object'
    union all
    select answer, workspace, conversation, answer_parent, 'assistant', '[]', '', model, 0, 'streaming', at + interval '1 millisecond'
    from fitting
  ), begun as (
    insert into generations (id, workspace_id, user_id, conversation_id, message_id, hold_id, model, prompt_tokens, instance_id,
      heartbeat_at, started_at, request_id)
    select generation, workspace, person, conversation, answer, hold, model, prompt_tokens, instance, at, at, request from fitting
  )
  select
    jsonb_agg(case
      when f.nr is not null then jsonb_build_object('outcome', 'started', 'heldMicros', f.amount_micros)
      when t.wait_seconds > 0 then jsonb_build_object('outcome', 'too_many_requests', 'retryAfterSeconds', t.wait_seconds)
      when t.wait_seconds = 0 then jsonb_build_object('outcome', 'insufficient_credit')
      when w.workspace = any(v_locked) then jsonb_build_object('outcome', 'replay')
      else jsonb_build_object('outcome', 'busy')
    end order by w.nr), count(f.nr), (select count(*) from conversed)
  into v_results, v_fitting, v_conversations
  from wish w left join fitting f on f.nr = w.nr left join unnest(v_buckets, v_waits) as t (bucket, wait_seconds) on t.bucket = w.bucket;
  if v_conversations < v_fitting then
    -- Deleted, or somebody else's, since it was looked at. Raised, so that the hold is undone with it.
    raise exception 'conversation is gone' using errcode = 'P0002';
  end if;
  return v_results;
end $$;
--> statement-breakpoint
-- For processes of the release before this, until they have ended.
create or replace function start_generation(wish jsonb) returns jsonb language sql as $$
  select start_generations(jsonb_build_array(wish)) -> 0
$$;
--> statement-breakpoint
-- Draws for each hold an amount from what it may draw from (those grants that were alive when it was taken, and those that run now)
-- and writes the entries. The order of spending (M3): first what has ended since, which nobody else may use; then what expires first,
-- top-ups last. Returns what was covered, for those of which anything was. The caller has locked the balance rows.
create function draw_credits(p_workspaces uuid[], p_holds uuid[], p_taken_at timestamptz[], p_amounts bigint[], p_at timestamptz)
returns table (hold_id uuid, drawn_micros bigint)
language sql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
  with open as (
    select a.workspace_id, a.hold_id, a.micros, g.id as grant_id, g.remaining_micros, coalesce(sum(g.remaining_micros) over (
      partition by a.hold_id
      order by g.expires_at <= p_at desc, g.expires_at > p_at and g.kind = 'top_up', g.expires_at, g.created_at, g.id
      rows between unbounded preceding and 1 preceding
    ), 0) as before_it
    from unnest(p_workspaces, p_holds, p_taken_at, p_amounts) as a (workspace_id, hold_id, taken_at, micros)
    join grants g on g.workspace_id = a.workspace_id
    where g.remaining_micros > 0 and g.starts_at <= p_at and g.expires_at > a.taken_at
  ), draws as (
    select workspace_id, hold_id, grant_id, least(remaining_micros, micros - before_it)::bigint as micros
    from open where before_it < micros
  ), drawn as (
    update grants g set remaining_micros = g.remaining_micros - d.micros, spent_micros = g.spent_micros + d.micros
    from draws d where g.id = d.grant_id
  ), written as (
    insert into ledger_entries (workspace_id, kind, amount_micros, grant_id, hold_id, source, at)
    select workspace_id, 'spend', -micros, grant_id, hold_id, 'hold:' || hold_id, p_at from draws
  )
  select hold_id, sum(micros)::bigint from draws group by hold_id
$$;
--> statement-breakpoint
-- Writes calls into the request log, once a hold. A call is an Interaction (lib/usage/interactions.ts) with its tokens.
create function record_calls(p_workspaces uuid[], p_holds uuid[], p_models text[], p_calls jsonb[], p_costs bigint[],
  p_charged bigint[], p_losses bigint[], p_at timestamptz) returns void
language sql as $$
  insert into openai_interactions (id, workspace_id, user_id, api_key_id, hold_id, purpose, model, upstream, prompt_tokens,
    cached_tokens, completion_tokens, estimated, cost_micros, charged_micros, loss_micros, first_token_ms, duration_ms,
    outcome, error_code, request_id, prompt, answer, at)
  select (c.call ->> 'id')::uuid, c.workspace_id, (c.call ->> 'userId')::uuid, (c.call ->> 'apiKeyId')::uuid, c.hold_id,
    c.call ->> 'purpose', c.model, c.call ->> 'upstream', (c.call ->> 'promptTokens')::integer,
    (c.call ->> 'cachedTokens')::integer, (c.call ->> 'completionTokens')::integer, (c.call ->> 'estimated')::boolean,
    c.cost, c.charged, c.loss, (c.call ->> 'firstTokenMs')::integer, (c.call ->> 'durationMs')::integer, c.call ->> 'outcome',
    c.call ->> 'errorCode', c.call ->> 'requestId', c.call ->> 'prompt', c.call ->> 'answer', p_at
  from unnest(p_workspaces, p_holds, p_models, p_calls, p_costs, p_charged, p_losses)
    as c (workspace_id, hold_id, model, call, cost, charged, loss)
  on conflict (hold_id) do nothing
$$;
--> statement-breakpoint
create or replace function record_call(p_workspace uuid, p_hold uuid, p_model text, p_call jsonb, p_cost bigint, p_charged bigint,
  p_loss bigint, p_at timestamptz) returns void
language sql as $$
  select record_calls(array[p_workspace], array[p_hold], array[p_model], array[p_call], array[p_cost], array[p_charged],
    array[p_loss], p_at)
$$;
--> statement-breakpoint
-- Adds calls that were paid for to the day's sums, at most one of a workspace.
create function count_usage(p_workspaces uuid[], p_models text[], p_calls jsonb[], p_costs bigint[], p_charged bigint[],
  p_at timestamptz) returns void
language sql as $$
  insert into usage_daily as d (workspace_id, day, model, api_key_id, requests, prompt_tokens, completion_tokens, cost_micros,
    charged_micros)
  select c.workspace_id, (p_at at time zone 'UTC')::date, c.model,
    coalesce((c.call ->> 'apiKeyId')::uuid, '00000000-0000-0000-0000-000000000000'), 1, (c.call ->> 'promptTokens')::bigint,
    (c.call ->> 'completionTokens')::bigint, c.cost, c.charged
  from unnest(p_workspaces, p_models, p_calls, p_costs, p_charged) as c (workspace_id, model, call, cost, charged)
  on conflict (workspace_id, day, model, api_key_id) do update set requests = d.requests + 1,
    prompt_tokens = d.prompt_tokens + excluded.prompt_tokens, completion_tokens = d.completion_tokens + excluded.completion_tokens,
    cost_micros = d.cost_micros + excluded.cost_micros, charged_micros = d.charged_micros + excluded.charged_micros
$$;
--> statement-breakpoint
drop function note_warnings(uuid, timestamptz, timestamptz);
--> statement-breakpoint
-- Notes which parts of the allowance that runs, and of a window's cap, are used up (M17); each once a period. A rest below a
-- thousandth counts as used up: a hold leaves such a rest, and no answer can be had for it.
create function note_warnings(p_workspaces uuid[], p_taken_at timestamptz[], p_at timestamptz) returns void
language sql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
  insert into usage_warnings (workspace_id, subject, period_at, percent, used_micros, limit_micros, reached_at)
  select w.workspace_id, u.subject, u.period_at, p.percent, u.used_micros, u.limit_micros, p_at
  from unnest(p_workspaces, p_taken_at) as w (workspace_id, taken_at)
  cross join lateral (
    select 'allowance' as subject, max(expires_at) as period_at, sum(spent_micros) as used_micros,
      sum(spent_micros + greatest(0, remaining_micros)) as limit_micros
    from grants g
    where g.workspace_id = w.workspace_id and kind in ('allowance', 'trial') and starts_at <= p_at and expires_at > p_at
    union all
    select 'overage', starts_at, used_micros, cap_micros from overage_windows o
    where o.workspace_id = w.workspace_id and starts_at <= w.taken_at and ends_at > w.taken_at
  ) u cross join (values (50), (80), (100)) p (percent)
  where u.limit_micros > 0 and u.used_micros * 1000 >= u.limit_micros * least(p.percent * 10, 999)
  on conflict do nothing
$$;
--> statement-breakpoint
-- Whether a hold concerns credit alone: nothing of it, and nothing of its workspace, has to do with overage.
create function is_plain(p_hold holds) returns boolean
language sql stable as $$
  select p_hold.overage_micros = 0 and not exists (select 1 from overage_windows w where w.workspace_id = p_hold.workspace_id)
$$;
--> statement-breakpoint
-- Settles open holds of credit alone (is_plain), one of a workspace: see settle_hold for what that is. What the upstream counted beyond
-- a hold is taken from what nobody else needs, and what is left then is our loss (M7). The caller has locked the balance rows.
-- Returns what settle_hold does but for what is available, by the hold's id.
create function settle_plain(p_workspaces uuid[], p_holds uuid[], p_calls jsonb[], p_at timestamptz) returns jsonb
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
  v_models text[];
  v_taken_at timestamptz[];
  v_amounts bigint[];
  v_charges bigint[];
  v_costs bigint[];
  v_wanted bigint[];
  v_drawn bigint[];
  v_losses bigint[];
begin
  select array_agg(h.model order by c.nr), array_agg(h.taken_at order by c.nr), array_agg(h.amount_micros order by c.nr),
    array_agg(m.charge order by c.nr), array_agg(m.cost order by c.nr),
    array_agg(least(m.charge, h.amount_micros + greatest(0, m.beside)) order by c.nr)
  into v_models, v_taken_at, v_amounts, v_charges, v_costs, v_wanted
  from unnest(p_holds, p_calls) with ordinality as c (hold_id, call, nr)
  join holds h on h.id = c.hold_id
  cross join lateral (
    select charge_micros(h.rates -> 'price', (c.call ->> 'promptTokens')::bigint, (c.call ->> 'cachedTokens')::bigint,
        (c.call ->> 'completionTokens')::bigint) as charge,
      charge_micros(h.rates -> 'cost', (c.call ->> 'promptTokens')::bigint, (c.call ->> 'cachedTokens')::bigint,
        (c.call ->> 'completionTokens')::bigint) as cost,
      credit_left(h.workspace_id, p_at) as beside
    offset 0
  ) m;
  select array_agg(coalesce(d.drawn_micros, 0) order by h.nr), array_agg(h.charge - coalesce(d.drawn_micros, 0) order by h.nr)
  into v_drawn, v_losses
  from unnest(p_holds, v_charges) with ordinality as h (id, charge, nr)
  left join draw_credits(p_workspaces, p_holds, v_taken_at, v_wanted, p_at) d on d.hold_id = h.id;

  with ended as (
    update holds h set state = 'settled', charged_micros = s.drawn, ended_at = p_at
    from unnest(p_holds, v_drawn) as s (id, drawn) where h.id = s.id
  )
  update balances b set held_micros = b.held_micros - s.amount, balance_micros = b.balance_micros - s.drawn
  from unnest(p_workspaces, v_amounts, v_drawn) as s (id, amount, drawn) where b.workspace_id = s.id;
  if 0 < any(v_losses) then
    insert into ledger_entries (workspace_id, kind, amount_micros, hold_id, source, at)
    select l.workspace_id, k.kind, k.sign * l.loss, l.hold_id, 'hold:' || l.hold_id, p_at
    from unnest(p_workspaces, p_holds, v_losses) as l (workspace_id, hold_id, loss)
    cross join (values ('overrun', -1), ('loss', 1)) as k (kind, sign)
    where l.loss > 0;
  end if;
  if 0 < any(v_drawn) then perform note_warnings(p_workspaces, v_taken_at, p_at); end if;
  perform record_calls(p_workspaces, p_holds, v_models, p_calls, v_costs, v_drawn, v_losses, p_at);
  perform count_usage(p_workspaces, v_models, p_calls, v_costs, v_drawn, p_at);
  return (
    select jsonb_object_agg(s.hold_id, jsonb_build_object('settled', true, 'model', s.model, 'chargedMicros', s.drawn,
      'costMicros', s.cost, 'lossMicros', s.loss))
    from unnest(p_holds, v_models, v_drawn, v_costs, v_losses) as s (hold_id, model, drawn, cost, loss)
  );
end $$;
--> statement-breakpoint
-- Charges what was received and frees the rest of the hold, exactly once (M5, M6, M7), by the rates of the moment the hold was taken.
-- Credit is drawn first, also credit that came since, or that other holds of the same overage window were to have: those get as
-- much of the cap instead. What credit does not cover is lent from that window (M16). What the upstream counted beyond the hold is
-- taken from what nobody else needs, credit before overage; what is left then is our loss. Ledger, balance, request log and the day's
-- sums change together. Null where there is no such hold. Called by lib/usage/settle-hold.ts.
create or replace function settle_hold(p_workspace uuid, p_hold uuid, p_call jsonb, p_at timestamptz) returns jsonb
language plpgsql as $$
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
  v_settled jsonb;
begin
  perform 1 from balances where workspace_id = p_workspace for update;
  select * into v_hold from holds where id = p_hold and workspace_id = p_workspace;
  if not found then return null; end if;
  if v_hold.state <> 'held' then
    return jsonb_build_object('settled', false, 'model', v_hold.model, 'chargedMicros', coalesce(v_hold.charged_micros, 0),
      'costMicros', 0, 'lossMicros', 0, 'availableMicros', available_credit(p_workspace, p_at));
  end if;
  if is_plain(v_hold) then
    v_settled := settle_plain(array[p_workspace], array[p_hold], array[p_call], p_at) -> p_hold::text;
    -- In a statement of its own, so that it sees what that one did.
    return v_settled || jsonb_build_object('availableMicros', available_credit(p_workspace, p_at));
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
  v_drawn := coalesce((select drawn_micros from draw_credits(array[p_workspace], array[p_hold], array[v_hold.taken_at],
    array[least(v_charge, v_own + v_swap)], p_at)), 0);
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
  if v_covered > 0 then perform note_warnings(array[p_workspace], array[v_hold.taken_at], p_at); end if;
  perform record_call(p_workspace, p_hold, v_hold.model, p_call, v_cost, v_covered, v_loss, p_at);
  perform count_usage(array[p_workspace], array[v_hold.model], array[p_call], array[v_cost], array[v_covered], p_at);
  return jsonb_build_object('settled', true, 'model', v_hold.model, 'chargedMicros', v_covered, 'costMicros', v_cost,
    'lossMicros', v_loss, 'availableMicros', available_credit(p_workspace, p_at));
end $$;
--> statement-breakpoint
drop function draw_credit(uuid, uuid, timestamptz, bigint, timestamptz);
--> statement-breakpoint
-- Ends answers: text, receipt, credit and the log's last event of each in one transaction, guarded by `status = 'running'`. Called by
-- lib/chat/finish.ts, where the fields of a wish are written down. For each wish, what the settlement came to and the last event;
-- null when somebody else was quicker, and nothing changes then; "busy" when, in company, its rows were locked by somebody else, so
-- that it must come again alone.
create function end_generations(wishes jsonb, p_at timestamptz) returns jsonb language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
  v_asked uuid[] := array(select (w ->> 'generationId')::uuid from jsonb_array_elements(wishes) w);
  v_running uuid[];
  v_workspaces uuid[];
  v_holds uuid[];
  v_calls jsonb[];
  v_settled jsonb := '{}';
  v_one record;
  v_results jsonb;
begin
  if cardinality(v_asked) = 1 then
    v_running := array(select id from generations where id = v_asked[1] and status = 'running' for no key update);
    perform 1 from balances b join generations g on g.workspace_id = b.workspace_id where g.id = any(v_running) for update of b;
  else
    v_running := array(select id from generations where id = any(v_asked) and status = 'running' for no key update skip locked);
    v_running := array(
      select g.id from balances b join generations g on g.workspace_id = b.workspace_id
      where g.id = any(v_running) for update of b skip locked
    );
  end if;

  select array_agg(h.workspace_id), array_agg(h.id), array_agg(w -> 'call') into v_workspaces, v_holds, v_calls
  from jsonb_array_elements(wishes) w
  join generations g on g.id = (w ->> 'generationId')::uuid
  join holds h on h.id = g.hold_id
  where g.id = any(v_running) and jsonb_typeof(w -> 'receipt') = 'object' and h.state = 'held' and is_plain(h);
  if v_holds is not null then v_settled := settle_plain(v_workspaces, v_holds, v_calls, p_at); end if;
  for v_one in
    select g.id as generation, g.workspace_id, g.hold_id, w -> 'call' as call, jsonb_typeof(w -> 'receipt') = 'object' as paid
    from jsonb_array_elements(wishes) w join generations g on g.id = (w ->> 'generationId')::uuid
    where g.id = any(v_running) and not coalesce(g.hold_id = any(v_holds), false)
  loop
    if v_one.paid then
      v_settled := v_settled
        || jsonb_build_object(v_one.hold_id, settle_hold(v_one.workspace_id, v_one.hold_id, v_one.call, p_at));
      if coalesce(v_settled -> v_one.hold_id::text, 'null') = 'null' then
        raise exception 'generation % has no hold', v_one.generation;
      end if;
    else
      perform end_unpaid(v_one.workspace_id, v_one.hold_id, v_one.call, p_at);
    end if;
  end loop;

  with wish as materialized (
    select * from rows from (jsonb_to_recordset(wishes) as ("generationId" uuid, "messageId" uuid, outcome text, error jsonb,
      model text, "firstTokenMs" integer, text text, length integer, rest text, "textTokens" integer, receipt jsonb))
      with ordinality as w (generation, message, outcome, error, model, first_token_ms, text, length, rest, text_tokens, receipt, nr)
  ), ended as materialized (
    select w.*, s.settled, r.receipt as full_receipt, jsonb_build_object('type', 'end', 'outcome', w.outcome, 'receipt',
      coalesce(r.receipt, 'null'), 'error', coalesce(w.error, 'null'), 'availableMicros',
      coalesce(s.settled -> 'availableMicros', 'null')) as event
    from wish w join generations g on g.id = w.generation
    left join lateral (
      select (v_settled -> g.hold_id::text) || jsonb_build_object('availableMicros', c.available_micros) as settled
      from credit_of(g.workspace_id, p_at) c offset 0
    ) s on jsonb_typeof(w.receipt) = 'object'
    left join lateral (
      select w.receipt || jsonb_build_object('chargedMicros', s.settled -> 'chargedMicros') as receipt offset 0
    ) r on s.settled is not null
    where g.id = any(v_running)
  ), generated as (
    update generations g set status = e.outcome, ended_at = p_at, error_code = e.error ->> 'code', model = e.model,
      first_token_ms = e.first_token_ms, estimated = coalesce((e.full_receipt ->> 'estimated')::boolean, false),
      prompt_tokens = coalesce((e.full_receipt ->> 'promptTokens')::integer, g.prompt_tokens),
      completion_tokens = (e.full_receipt ->> 'completionTokens')::integer,
      charged_micros = (e.full_receipt ->> 'chargedMicros')::bigint
    from ended e where g.id = e.generation
  ), said as (
    update messages m set content = e.text, tokens = e.text_tokens, status = e.outcome, model = e.model,
      parts = jsonb_build_array(jsonb_build_object('type', 'text', 'text', e.text))
    from ended e where m.id = e.message
  ), logged as (
    insert into generation_events (generation_id, seq, event, at)
    select generation, length, jsonb_build_object('type', 'text', 'text', rest), p_at from ended where rest <> ''
    union all select generation, length + 1, event, p_at from ended
    on conflict do nothing
  )
  select jsonb_agg(case
    when e.nr is not null then jsonb_build_object('end', e.event, 'settled', e.settled)
    when g.status = 'running' then '"busy"'
    else 'null'
  end order by w.nr) into v_results
  from wish w left join ended e on e.nr = w.nr left join generations g on g.id = w.generation;
  return v_results;
end $$;
--> statement-breakpoint
-- For processes of the release before this, until they have ended.
create or replace function end_generation(wish jsonb) returns jsonb language plpgsql as $$
declare
  v_ended jsonb := end_generations(jsonb_build_array(wish), (wish ->> 'at')::timestamptz) -> 0;
begin
  perform pg_notify(wish #>> '{wake,channel}', wish #>> '{wake,message}');
  return nullif(v_ended, 'null');
end $$;
