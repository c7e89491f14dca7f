-- What is left of an API key's budget for the calendar month (UTC), in micro-USD: the budget less charges and
-- open holds. The caller has locked the balance row, so that concurrent requests count each other.
create or replace function budget_left(p_workspace uuid, p_key uuid, p_budget bigint, p_at timestamptz)
returns bigint
language sql stable as $$
  select p_budget - coalesce((
    select sum(u.charged_micros) from usage_daily u
    where u.workspace_id = p_workspace and u.api_key_id = p_key
      and u.day >= date_trunc('month', p_at at time zone 'UTC')::date
  ), 0)::bigint - coalesce((
    select sum(h.amount_micros) from holds h
    where h.workspace_id = p_workspace and h.state = 'held' and h.api_key_id = p_key
  ), 0)::bigint
$$;
