-- Starts one prepared generation: takes its hold and a token of the rate limit, and writes its messages and
-- rows. The outcomes other than "started" write nothing, except that credit which is due is granted before
-- the hold is sized (M9). Idempotent: a request with the same hold gets the same result again, so that a lost
-- response can be repeated. "replay" means that another request started the generation. "busy" is returned
-- only when `p_waits` is false and the balance row is locked. The caller is commit_generation_starts; the
-- fields of a request are in lib/chat/start/commit-generation.ts.
create or replace function commit_generation_start(p_request jsonb, p_waits boolean) returns jsonb
language plpgsql as $$
declare
  v_workspace uuid := (p_request ->> 'workspaceId')::uuid;
  v_user uuid := (p_request ->> 'userId')::uuid;
  v_generation uuid := (p_request ->> 'generationId')::uuid;
  v_conversation uuid := (p_request ->> 'conversationId')::uuid;
  v_answer uuid := (p_request ->> 'answerId')::uuid;
  -- The message whose answers are compared; else the answer.
  v_leaf uuid := coalesce((p_request ->> 'leafId')::uuid, v_answer);
  v_hold uuid := (p_request ->> 'holdId')::uuid;
  v_model text := p_request ->> 'model';
  v_message jsonb := p_request -> 'message';
  -- The previous release does not send it.
  v_temporary boolean := coalesce((p_request ->> 'isTemporary')::boolean, false);
  v_parameters jsonb := nullif(p_request -> 'parameters', 'null');
  v_grant jsonb := p_request -> 'grant';
  v_per_minute integer := (p_request ->> 'requestsPerMinute')::integer;
  v_at timestamptz := (p_request ->> 'at')::timestamptz;
  v_existing generations;
  v_fit record;
  v_retry_after_seconds integer := 0;
begin
  if not lock_balance(v_workspace, p_waits) then return jsonb_build_object('outcome', 'busy'); end if;
  select * into v_existing from generations where id = v_generation;
  if found then
    if v_existing.hold_id = v_hold and v_existing.status = 'running' then
      return jsonb_build_object('outcome', 'started', 'heldMicros', (select amount_micros from holds where id = v_hold));
    end if;
    return jsonb_build_object('outcome', 'replay');
  end if;
  perform write_due_grant(v_workspace, v_grant, v_at);
  select * into v_fit
  from fit_hold(v_workspace, (p_request ->> 'holdMicros')::bigint,
    coalesce((p_request ->> 'likelyMicros')::bigint, (p_request ->> 'holdMicros')::bigint),
    (p_request ->> 'minimumMicros')::bigint, v_at);
  if v_fit.amount_micros is null then
    -- The previous release, which sends no likely amount, does not know the outcome "credit_reserved".
    return jsonb_build_object('outcome',
      case when v_fit.is_reserved and p_request ? 'likelyMicros' then 'credit_reserved' else 'insufficient_credit' end);
  end if;
  -- A start without a bucket has taken its token already.
  if p_request ->> 'bucket' is not null then
    select retry_after_seconds into v_retry_after_seconds
    from take_token(p_request ->> 'bucket', v_per_minute, v_per_minute, v_at);
  end if;
  if v_retry_after_seconds > 0 then
    return jsonb_build_object('outcome', 'too_many_requests', 'retryAfterSeconds', v_retry_after_seconds);
  end if;

  insert into holds (id, workspace_id, subject_id, subject_kind, model, amount_micros, overage_micros, rates, taken_at,
      expires_at)
    values (v_hold, v_workspace, v_generation, 'generation', v_model, v_fit.amount_micros, v_fit.overage_micros,
      p_request -> 'rates', v_at, (p_request ->> 'holdExpiresAt')::timestamptz);
  update balances set held_micros = held_micros + v_fit.amount_micros where workspace_id = v_workspace;
  -- A temporary chat has a generation alone, without a conversation and without messages.
  if not v_temporary then
    -- A regeneration with another model leaves the model of the next message alone. A conversation that goes
    -- on leaves the archive.
    update conversations set model = case when v_message ->> 'id' is null then model else v_model end,
        -- The previous release sends none.
        parameters = case when p_request ? 'parameters' then v_parameters else parameters end,
        active_leaf_id = v_leaf, updated_at = v_at, archived_at = null
      where id = v_conversation and workspace_id = v_workspace and user_id = v_user and deleted_at is null;
    if not found then
      insert into conversations (id, workspace_id, user_id, title, title_source, model, parameters, active_leaf_id,
          created_at, updated_at)
        values (v_conversation, v_workspace, v_user, p_request ->> 'title', 'draft', v_model, v_parameters, v_leaf, v_at,
          v_at)
        on conflict (id) do nothing;
    end if;
    -- The conversation was deleted, or its id taken, after the facts were loaded. The error rolls the
    -- hold back.
    if not found then raise exception 'conversation is gone' using errcode = 'P0002'; end if;
    insert into messages (id, workspace_id, conversation_id, parent_id, role, parts, content, model, instruction, tokens,
        status, created_at)
      select m.id, v_workspace, v_conversation, m.parent_id, m.role, m.parts, m.content, m.model, m.instruction, m.tokens,
        m.status, m.at
      from (values
        ((v_message ->> 'id')::uuid, (v_message ->> 'parentId')::uuid, 'user',
          jsonb_build_array(jsonb_build_object('type', 'text', 'text', v_message -> 'text')) || coalesce((
            select jsonb_agg('{"type": "file"}' || file order by position)
            from jsonb_array_elements(v_message -> 'attachments') with ordinality as files (file, position)), '[]'),
          v_message ->> 'text', null, null,
          (v_message ->> 'tokens')::integer, 'done', v_at),
        (v_answer, (p_request ->> 'answerParentId')::uuid, 'assistant', '[]', '', v_model,
          p_request ->> 'instruction', 0, 'streaming',
          v_at + interval '1 millisecond')
      ) as m (id, parent_id, role, parts, content, model, instruction, tokens, status, at)
      -- A regeneration has no new user message.
      where m.id is not null;
    -- The foreign key fails for a file that was deleted since it was loaded.
    insert into message_attachments (message_id, attachment_id, position)
      select (v_message ->> 'id')::uuid, (file ->> 'id')::uuid, position
      from jsonb_array_elements(v_message -> 'attachments') with ordinality as files (file, position);
  end if;
  insert into generations (id, workspace_id, user_id, conversation_id, message_id, hold_id, model, prompt_tokens,
      first_message_id, instance_id, heartbeat_at, started_at, request_id)
    values (v_generation, v_workspace, v_user, v_conversation, case when not v_temporary then v_answer end, v_hold, v_model,
      (p_request ->> 'promptTokens')::integer, (p_request ->> 'firstMessageId')::uuid, p_request ->> 'instanceId', v_at, v_at, p_request ->> 'requestId');
  return jsonb_build_object('outcome', 'started', 'heldMicros', v_fit.amount_micros);
end $$;
