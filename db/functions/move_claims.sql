-- Moves an amount that open holds of an overage window reserve of credit onto the window's cap, because
-- another hold has spent that credit. The newest hold first: grants that expired before it was taken cannot
-- pay for it.
create or replace function move_claims(p_workspace uuid, p_from timestamptz, p_to timestamptz, p_micros
  bigint)
returns void
language sql as $$
  update holds h set overage_micros = h.overage_micros + least(o.claim, p_micros - o.before_it)
  from (
    select id, amount_micros - overage_micros as claim, coalesce(sum(amount_micros - overage_micros) over (
      order by taken_at desc, id rows between unbounded preceding and 1 preceding
    ), 0)::bigint as before_it
    from holds where workspace_id = p_workspace and state = 'held' and taken_at >= p_from and taken_at < p_to
  ) o
  where h.id = o.id and o.before_it < p_micros
$$;
