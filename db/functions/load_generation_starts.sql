-- Reads the facts that decide whether generations may start, without locks and without a decision. One result
-- per request, in order. Requests and results: lib/chat/start/load-generation.ts.
create or replace function load_generation_starts(p_requests jsonb) returns json
language plpgsql stable
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
  v_results json;
begin
  select json_agg(json_build_object(
    'userId', s.user_id, 'workspaceId', w.id, 'workspaceCreatedAt', w.created_at,
    'emailConfirmed', u.email_verified_at is not null, 'freeCreditFrom', w.free_credit_from,
    'subscriptions', case when w.id is not null then subscription_candidates(w.id) end,
    'conversation', case when c.id is not null then json_build_object(
      'usable', c.user_id = r.user_id and c.deleted_at is null, 'untitled', c.title_source = 'draft') end,
    'existing', case when g.id is not null then json_build_object('userId', g.user_id) end,
    -- The branch that ends with the parent, oldest message first, as far as it can fit into the model's
    -- context.
    'branch', case when r.parent_id is not null then (
      with recursive branch as (
        select m.id, m.parent_id, m.role, m.status, m.content, m.tokens, 1 as depth, m.tokens as total_tokens
        from messages m
        where m.id = r.parent_id and m.conversation_id = r.conversation_id
        union all
        select m.id, m.parent_id, m.role, m.status, m.content, m.tokens, b.depth + 1, b.total_tokens + m.tokens
        from branch b join messages m on m.id = b.parent_id
        where b.total_tokens < r.context_tokens and b.depth < 5000
      )
      select json_agg(json_build_object('id', b.id, 'parentId', b.parent_id, 'role', b.role, 'status', b.status,
        'content', b.content, 'tokens', b.tokens, 'attachments', files.list, 'reasoning', reasoning.text, 'reasoningTokens', reasoning.tokens)
        order by b.depth desc)
      from branch b
      left join lateral (
        select string_agg(p ->> 'text', '' order by position) as text, sum((p ->> 'tokens')::integer) as tokens
        from messages m cross join lateral jsonb_array_elements(m.parts) with ordinality as part (p, position)
        where r.with_reasoning and m.id = b.id and b.role = 'assistant' and p ->> 'type' = 'reasoning'
      ) reasoning on r.with_reasoning
      left join lateral (
        select json_agg(attachment_info(a) order by f.position) as list
        from message_attachments f join attachments a on a.id = f.attachment_id
        where f.message_id = b.id
      ) files on b.role = 'user'
    ) end,
    -- The files of the new message; those of other users are left out.
    'attachments', case when jsonb_typeof(r.attachment_ids) = 'array' then (
      select json_agg(attachment_info(a) order by wanted.position)
      from jsonb_array_elements_text(r.attachment_ids) with ordinality as wanted (id, position)
      join attachments a on a.id = wanted.id::uuid
      where a.user_id = s.user_id and a.workspace_id = w.id and a.status = 'ready'
    ) end
  ) order by r.position)
  into v_results
  from rows from (jsonb_to_recordset(p_requests) as ("sessionId" uuid, "userId" uuid, "conversationId" uuid,
      "generationId" uuid, "parentId" uuid, "contextTokens" integer, "withReasoning" boolean, "attachmentIds" jsonb, at timestamptz))
    with ordinality as r (session_id, user_id, conversation_id, generation_id, parent_id, context_tokens, with_reasoning,
      attachment_ids, at, position)
  left join sessions s on s.id = r.session_id and s.user_id = r.user_id and s.revoked_at is null and s.expires_at > r.at
  left join workspaces w on w.personal_user_id = s.user_id
  left join users u on u.id = s.user_id
  left join conversations c on c.id = r.conversation_id
  left join generations g on g.id = r.generation_id;
  return v_results;
end $$;
