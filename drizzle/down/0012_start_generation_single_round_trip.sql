-- The way back: what decides about an answer is gathered by one statement, and the answer is started by a second one.
drop function begin_answers(jsonb, text[]);
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
create or replace function start_generations(wishes jsonb) returns jsonb language plpgsql
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
-- What a request of the public API needs before it may be sent on, in one statement: its turn (the workspace's bucket), and its hold.
-- Called by lib/chat/api-credit.ts, where the fields of "wish" are written down. The balance is locked first, as where answers start
-- together, so that neither waits for the other in a circle.
create or replace function hold_request(wish jsonb) returns jsonb language plpgsql as $$
declare
  v_workspace uuid := (wish ->> 'workspaceId')::uuid;
  v_at timestamptz := (wish ->> 'at')::timestamptz;
  v_turn record;
  v_hold record;
begin
  perform 1 from balances where workspace_id = v_workspace for update;
  select * into v_turn
  from take_turns(array[wish ->> 'bucket'], array[(wish ->> 'requestsPerMinute')::integer], array[v_at]);
  if v_turn.wait_seconds > 0 then
    return jsonb_build_object('outcome', 'too_many_requests', 'turnsLeft', 0, 'retryAfterSeconds', v_turn.wait_seconds);
  end if;
  select * into v_hold from take_hold(v_workspace, (wish ->> 'holdId')::uuid, 'request', (wish ->> 'holdId')::uuid, wish ->> 'model',
    (wish ->> 'holdMicros')::bigint, (wish ->> 'minimumMicros')::bigint, wish -> 'rates', v_at, (wish ->> 'expiresAt')::timestamptz,
    wish -> 'grant', (wish ->> 'apiKeyId')::uuid, (wish ->> 'budgetMicros')::bigint);
  return jsonb_build_object('turnsLeft', v_turn.turns_left, 'heldMicros', v_hold.amount_micros, 'outcome', case
    when v_hold.ok then 'held'
    when v_hold.budget_left_micros < (wish ->> 'minimumMicros')::bigint then 'budget_spent'
    else 'insufficient_credit'
  end);
end $$;
--> statement-breakpoint
drop function start_answer(jsonb, uuid, uuid, text, integer, integer, bigint, bigint);
--> statement-breakpoint
drop function lock_money(uuid, boolean);
--> statement-breakpoint
drop function take_turn(text, integer, timestamptz);
--> statement-breakpoint
drop function subscription_of(uuid, text[]);
--> statement-breakpoint
CREATE INDEX "generations_conversation" ON "generations" USING btree ("conversation_id");--> statement-breakpoint
ALTER TABLE "messages" ADD CONSTRAINT "messages_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "generations" ADD CONSTRAINT "generations_conversation_id_conversations_id_fk" FOREIGN KEY ("conversation_id") REFERENCES "public"."conversations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "generations" ADD CONSTRAINT "generations_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "generations" ADD CONSTRAINT "generations_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;
