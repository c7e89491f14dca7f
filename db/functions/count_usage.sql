-- Adds settled calls to the daily usage totals, at most one call per workspace.
create or replace function count_usage(p_workspaces uuid[], p_models text[], p_calls jsonb[], p_costs
  bigint[], p_charged bigint[], p_at timestamptz)
returns void
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
