-- Records which shares of the running allowance, and of an overage window's cap, are used up (M17), each once
-- per period. Less than a thousandth of the limit left counts as used up, because no answer can be bought for
-- it.
create or replace function record_warnings(p_workspaces uuid[], p_taken_at timestamptz[], p_at timestamptz)
returns void
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
