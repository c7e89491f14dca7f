-- Takes one turn out of a bucket that fills up within a minute; the seconds to wait when it is empty, else 0. The same
-- bucket and the same counting as takeToken in lib/accounts/rate-limit.ts, callable inside a larger statement.
create function take_turn(bucket text, per_minute integer, moment timestamptz) returns integer language plpgsql as $$
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
end $$;
--> statement-breakpoint
-- Starts an answer: messages, generation and hold in one transaction, or nothing. Called by lib/chat/apply-start.ts, where
-- the fields of "wish" are written down. One statement, so that a chat request needs two round trips in all.
create function start_generation(wish jsonb) returns jsonb language plpgsql as $$
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
end $$;
