-- Draws an amount for each hold from the grants it may use (those that had not expired when it was taken, and
-- those that run now) and writes the ledger entries. Order (M3): grants that expired since first, because no
-- other hold can use them, then the earliest expiry, top-ups last. Returns the drawn amount of each hold for
-- which it is above zero. The caller has locked the balance rows.
create or replace function draw_credits(p_workspaces uuid[], p_holds uuid[], p_taken_at timestamptz[],
  p_amounts bigint[], p_at timestamptz)
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
