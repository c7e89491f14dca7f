-- The credit that open holds leave over, in micro-USD: what running grants have left (and what refunds and
-- disputes left below zero), less what open holds reserve. It calls reserved_credit only when a grant
-- expired under an open hold, or when the workspace has overage. The last three parameters are those of
-- claim_of.
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
