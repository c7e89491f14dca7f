-- An answer begins in one round trip: what decides about it is looked up and, where there is nothing to decide, it is started, by
-- one function. And the database looks up less for each row: who names a parent need not name the parent's parent to it as well.
ALTER TABLE "generations" DROP CONSTRAINT "generations_workspace_id_workspaces_id_fk";
--> statement-breakpoint
ALTER TABLE "generations" DROP CONSTRAINT "generations_user_id_users_id_fk";
--> statement-breakpoint
ALTER TABLE "generations" DROP CONSTRAINT "generations_conversation_id_conversations_id_fk";
--> statement-breakpoint
ALTER TABLE "messages" DROP CONSTRAINT "messages_workspace_id_workspaces_id_fk";
--> statement-breakpoint
DROP INDEX "generations_conversation";
--> statement-breakpoint
-- A workspace's subscription, as far as it decides anything, or null (a SubscriptionState of lib/billing/read.ts). Of several, the one
-- that gives most comes first: running before past due before ended, then the newest. `p_besides` are the lookup keys of prices that
-- stand beside a plan's and are none.
create function subscription_of(p_workspace uuid, p_besides text[]) returns json language plpgsql stable as $$
declare
  v_subscription json;
begin
  select json_build_object(
    'id', s.id, 'status', s.status, 'lookupKey', i.lookup_key, 'cancelAtPeriodEnd', s.cancel_at_period_end,
    'cancelAtMs', (extract(epoch from s.cancel_at) * 1000)::float8,
    'trialEndsAtMs', (extract(epoch from s.trial_ends_at) * 1000)::float8,
    'pastDueSinceMs', (extract(epoch from s.past_due_since) * 1000)::float8,
    'periodStartMs', (extract(epoch from i.period_start) * 1000)::float8,
    'periodEndMs', (extract(epoch from i.period_end) * 1000)::float8)
  into v_subscription
  from subscriptions s
  left join lateral (
    select * from subscription_items item where item.subscription_id = s.id
    order by coalesce(item.lookup_key = any(p_besides), true), item.id limit 1
  ) i on true
  where s.workspace_id = p_workspace
  order by case s.status when 'active' then 0 when 'trialing' then 0 when 'past_due' then 1
      when 'canceled' then 3 when 'incomplete_expired' then 3 else 2 end, s.created_at desc, s.id
  limit 1;
  return v_subscription;
end $$;
--> statement-breakpoint
-- Takes a turn out of a bucket, which fills up within a minute. The same buckets and the same counting as takeToken in
-- lib/accounts/rate-limit.ts. Tells how many turns are left, and the seconds to wait, 0 where the turn was given.
create function take_turn(p_bucket text, p_per_minute integer, p_at timestamptz, out turns_left integer, out wait_seconds integer)
language plpgsql as $$
declare
  v_bucket rate_buckets;
  v_turn_ms double precision := 60000.0 / p_per_minute;
  v_gained integer;
begin
  loop
    select * into v_bucket from rate_buckets where key = p_bucket for update;
    exit when found;
    insert into rate_buckets (key, tokens, refilled_at) values (p_bucket, p_per_minute, p_at) on conflict (key) do nothing;
  end loop;
  v_gained := floor(greatest(0, extract(epoch from p_at - v_bucket.refilled_at) * 1000) / v_turn_ms);
  v_bucket.tokens := greatest(v_bucket.tokens, 0) + v_gained;
  v_bucket.refilled_at := case when v_bucket.tokens > p_per_minute then greatest(p_at, v_bucket.refilled_at)
    else v_bucket.refilled_at + v_gained * v_turn_ms * interval '1 millisecond' end;
  v_bucket.tokens := case when v_bucket.tokens >= 1 then least(v_bucket.tokens, p_per_minute) - 1 else -1 end;
  update rate_buckets set tokens = v_bucket.tokens, refilled_at = v_bucket.refilled_at where key = p_bucket;
  turns_left := greatest(0, v_bucket.tokens);
  wait_seconds := case when v_bucket.tokens >= 0 then 0
    else greatest(1, ceil((extract(epoch from v_bucket.refilled_at - p_at) * 1000 + v_turn_ms) / 1000)) end;
end $$;
--> statement-breakpoint
create or replace function hold_request(wish jsonb) returns jsonb language plpgsql as $$
declare
  v_workspace uuid := (wish ->> 'workspaceId')::uuid;
  v_at timestamptz := (wish ->> 'at')::timestamptz;
  v_turn record;
  v_hold record;
begin
  perform 1 from balances where workspace_id = v_workspace for update;
  v_turn := take_turn(wish ->> 'bucket', (wish ->> 'requestsPerMinute')::integer, v_at);
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
drop function take_turns(text[], integer[], timestamptz[]);
--> statement-breakpoint
-- Locks a workspace's money. In company nobody waits for a workspace whose money somebody else is changing: false then.
create function lock_money(p_workspace uuid, p_waits boolean) returns boolean language plpgsql as $$
begin
  if p_waits then
    perform 1 from balances where workspace_id = p_workspace for update;
    if not found then raise exception 'workspace % has no balance', p_workspace; end if;
    return true;
  end if;
  perform 1 from balances where workspace_id = p_workspace for update skip locked;
  return found;
end $$;
--> statement-breakpoint
-- Writes the beginning of an answer: turn, hold, conversation, messages, generation; or nothing but the turn, and why. The fields of
-- `wish` are written down in lib/chat/apply-start.ts. The caller has locked the money, seen that the answer is new, and fitted the
-- hold (see fit_hold): `p_amount` is null where credit is too little.
create function start_answer(wish jsonb, p_workspace uuid, p_user uuid, p_bucket text, p_per_minute integer, p_prompt_tokens integer,
  p_amount bigint, p_overage bigint) returns jsonb language plpgsql as $$
declare
  v_generation uuid := (wish ->> 'generationId')::uuid;
  v_conversation uuid := (wish ->> 'conversationId')::uuid;
  v_answer uuid := (wish ->> 'answerId')::uuid;
  v_hold uuid := (wish ->> 'holdId')::uuid;
  v_model text := wish ->> 'model';
  v_message jsonb := wish -> 'message';
  v_at timestamptz := (wish ->> 'at')::timestamptz;
  v_turn record;
begin
  v_turn := take_turn(p_bucket, p_per_minute, v_at);
  if v_turn.wait_seconds > 0 then
    return jsonb_build_object('outcome', 'too_many_requests', 'retryAfterSeconds', v_turn.wait_seconds);
  end if;
  if p_amount is null then return jsonb_build_object('outcome', 'insufficient_credit'); end if;
  insert into holds (id, workspace_id, subject_id, subject_kind, model, amount_micros, overage_micros, rates, taken_at, expires_at)
    values (v_hold, p_workspace, v_generation, 'generation', v_model, p_amount, p_overage, wish -> 'rates', v_at,
      (wish ->> 'holdExpiresAt')::timestamptz);
  update balances set held_micros = held_micros + p_amount where workspace_id = p_workspace;
  update conversations set model = v_model, active_leaf_id = v_answer, updated_at = v_at
    where id = v_conversation and workspace_id = p_workspace and user_id = p_user and deleted_at is null;
  if not found then
    insert into conversations (id, workspace_id, user_id, title, title_source, model, active_leaf_id, created_at, updated_at)
      values (v_conversation, p_workspace, p_user, wish ->> 'title', 'draft', v_model, v_answer, v_at, v_at)
      on conflict (id) do nothing;
  end if;
  -- Deleted, or somebody else's, since it was looked at. Raised, so that the hold is undone with it.
  if not found then raise exception 'conversation is gone' using errcode = 'P0002'; end if;
  insert into messages (id, workspace_id, conversation_id, parent_id, role, parts, content, model, tokens, status, created_at)
    select m.id, p_workspace, v_conversation, m.parent_id, m.role, m.parts, m.content, m.model, m.tokens, m.status, m.at
    from (values
      ((v_message ->> 'id')::uuid, (v_message ->> 'parentId')::uuid, 'user',
        jsonb_build_array(jsonb_build_object('type', 'text', 'text', v_message -> 'text')), v_message ->> 'text', null,
        (v_message ->> 'tokens')::integer, 'done', v_at),
      (v_answer, (wish ->> 'answerParentId')::uuid, 'assistant', '[]', '', v_model, 0, 'streaming', v_at + interval '1 millisecond')
    ) as m (id, parent_id, role, parts, content, model, tokens, status, at)
    -- An earlier message that is answered again is there already.
    where m.id is not null;
  insert into generations (id, workspace_id, user_id, conversation_id, message_id, hold_id, model, prompt_tokens, instance_id,
      heartbeat_at, started_at, request_id)
    values (v_generation, p_workspace, p_user, v_conversation, v_answer, v_hold, v_model, p_prompt_tokens, wish ->> 'instanceId', v_at,
      v_at, wish ->> 'requestId');
  return jsonb_build_object('outcome', 'started', 'heldMicros', p_amount);
end $$;
--> statement-breakpoint
-- Starts answers that were decided on, one of a workspace each, in one transaction. Called by lib/chat/apply-start.ts. What became of
-- each: "replay" where it was started before, "busy" where it must come again alone. What raises an error is found by asking for each
-- alone.
create or replace function start_generations(wishes jsonb) returns jsonb language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
  v_alone boolean := jsonb_array_length(wishes) = 1;
  v_results jsonb := '[]';
  v_wish jsonb;
  v_workspace uuid;
  v_at timestamptz;
  v_fit record;
begin
  for v_nr in 0 .. jsonb_array_length(wishes) - 1 loop
    v_wish := wishes -> v_nr;
    v_workspace := (v_wish ->> 'workspaceId')::uuid;
    v_at := (v_wish ->> 'at')::timestamptz;
    if not lock_money(v_workspace, v_alone) then
      v_results := v_results || jsonb_build_object('outcome', 'busy');
    elsif exists (select 1 from generations where id = (v_wish ->> 'generationId')::uuid) then
      v_results := v_results || jsonb_build_object('outcome', 'replay');
    else
      if jsonb_typeof(v_wish -> 'grant') = 'object' then
        perform write_grant(v_workspace, (v_wish #>> '{grant,id}')::uuid, v_wish #>> '{grant,kind}',
          (v_wish #>> '{grant,amountMicros}')::bigint, (v_wish #>> '{grant,startsAt}')::timestamptz,
          (v_wish #>> '{grant,expiresAt}')::timestamptz, v_wish #>> '{grant,sourceKey}', v_at);
      end if;
      select * into v_fit
      from fit_hold(v_workspace, (v_wish ->> 'holdMicros')::bigint, (v_wish ->> 'minimumMicros')::bigint, v_at);
      v_results := v_results || start_answer(v_wish, v_workspace, (v_wish ->> 'userId')::uuid, v_wish ->> 'bucket',
        (v_wish ->> 'requestsPerMinute')::integer, (v_wish ->> 'promptTokens')::integer, v_fit.amount_micros, v_fit.overage_micros);
    end if;
  end loop;
  return v_results;
end $$;
--> statement-breakpoint
-- Looks up everything that decides about requests to answer, of one workspace each, and starts those answers about which nothing is to
-- be decided. Called by lib/chat/gather-start.ts, where the fields are written down; the bounds in `plain` are explained in
-- lib/chat/foresee-start.ts. What is told of each is as of one moment under the lock on its money, where it could be started.
create function begin_answers(asks jsonb, p_besides text[]) returns json language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
  v_alone boolean := jsonb_array_length(asks) = 1;
  v_results json[] := '{}';
  v_ask jsonb;
  v_plain jsonb;
  v_at timestamptz;
  v_user uuid;
  v_workspace uuid;
  v_workspace_created timestamptz;
  v_is_usable boolean;
  v_is_untitled boolean;
  v_owner uuid;
  v_subscription json;
  v_free_given boolean;
  v_leaf uuid;
  v_branch json;
  v_branch_tokens integer;
  v_is_open boolean;
  v_per_minute integer;
  v_prompt integer;
  v_whole bigint;
  v_fit record;
  v_outcome jsonb;
begin
  for v_nr in 0 .. jsonb_array_length(asks) - 1 loop
    v_ask := asks -> v_nr;
    v_plain := case when jsonb_typeof(v_ask -> 'plain') = 'object' then v_ask -> 'plain' end;
    v_at := (v_ask ->> 'at')::timestamptz;
    v_user := (v_ask ->> 'userId')::uuid;
    select w.id, w.created_at into v_workspace, v_workspace_created
    from sessions s join workspaces w on w.personal_user_id = s.user_id
    where s.id = (v_ask ->> 'sessionId')::uuid and s.user_id = v_user and s.revoked_at is null and s.expires_at > v_at;
    if v_workspace is not null and v_plain is not null and not lock_money(v_workspace, v_alone) then
      v_results := v_results || json_build_object('outcome', json_build_object('outcome', 'busy'));
      continue;
    end if;

    select c.user_id = v_user and c.deleted_at is null, c.title_source = 'draft' into v_is_usable, v_is_untitled
    from conversations c where c.id = (v_ask ->> 'conversationId')::uuid;
    select g.user_id into v_owner from generations g where g.id = (v_ask ->> 'generationId')::uuid;
    v_subscription := subscription_of(v_workspace, p_besides);
    v_free_given := exists (
      select 1 from grants g
      where g.workspace_id = v_workspace and g.source_key like 'free:%' and g.starts_at <= v_at and g.expires_at > v_at
    );
    v_leaf := (v_ask ->> 'parentId')::uuid;
    v_branch := '[]';
    v_branch_tokens := 0;
    v_is_open := v_leaf is null;
    if v_leaf is not null then
      with recursive branch as (
        select m.id, m.parent_id, m.role, m.status, m.content, m.tokens, 1 as depth, m.tokens as total
        from messages m
        where m.id = v_leaf and m.conversation_id = (v_ask ->> 'conversationId')::uuid
        union all
        select m.id, m.parent_id, m.role, m.status, m.content, m.tokens, b.depth + 1, b.total + m.tokens
        from branch b join messages m on m.id = b.parent_id
        where b.total < (v_ask ->> 'contextTokens')::integer and b.depth < 5000
      )
      select coalesce(json_agg(json_build_object('id', b.id, 'parentId', b.parent_id, 'role', b.role, 'status', b.status,
          'content', b.content, 'tokens', b.tokens) order by b.depth desc), '[]'),
        sum(b.tokens + (v_plain ->> 'tokensAMessage')::integer) filter (where b.content <> ''),
        -- It is there, and nobody is writing at its end.
        bool_and(b.depth > 1 or b.status <> 'streaming')
      into v_branch, v_branch_tokens, v_is_open
      from branch b;
    end if;

    v_per_minute := (case
      when v_subscription is null and v_free_given then v_plain ->> 'free'
      when v_subscription ->> 'status' = 'active' and v_subscription ->> 'cancelAtMs' is null
        and v_subscription ->> 'cancelAtPeriodEnd' = 'false' then v_plain -> 'offers' ->> (v_subscription ->> 'lookupKey')
    end)::integer;
    v_prompt := (v_plain ->> 'ownTokens')::integer + coalesce(v_branch_tokens, 0);
    v_whole := charge_micros(v_ask #> '{wish,rates,price}', v_prompt, 0,
      least((v_plain ->> 'longestAnswer')::integer, (v_plain ->> 'contextWindow')::integer - v_prompt));
    select * into v_fit from fit_hold(v_workspace, v_whole, v_whole, v_at);
    v_outcome := null;
    if v_workspace is not null and v_owner is null and v_is_usable is not false and v_is_open and v_per_minute is not null
      and v_prompt <= (v_plain ->> 'longestPrompt')::integer and v_fit.amount_micros is not null
    then
      v_outcome := start_answer(v_ask -> 'wish', v_workspace, v_user, (v_plain ->> 'bucket') || v_workspace, v_per_minute, v_prompt,
        v_fit.amount_micros, v_fit.overage_micros);
    end if;
    v_results := v_results || json_build_object('userId', case when v_workspace is not null then v_user end,
      'workspaceId', v_workspace, 'workspaceCreatedAt', v_workspace_created, 'subscription', v_subscription,
      'availableMicros', v_fit.available_micros, 'freeGrantGiven', v_free_given,
      'conversation', case when v_is_usable is not null
        then json_build_object('usable', v_is_usable, 'untitled', v_is_untitled) end,
      'branch', v_branch, 'existing', case when v_owner is not null then json_build_object('userId', v_owner) end,
      'outcome', v_outcome);
  end loop;
  return array_to_json(v_results);
end $$;
