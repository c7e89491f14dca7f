-- The size of a hold (M2, M5), in micro-USD, or null when less than the minimum is available. The amount is
-- held in full where it leaves half of what is available to others; otherwise the likely amount or an eighth
-- of what is available, whichever is more, so that one request does not reserve everything. Nothing is held
-- beyond what is available. `overage_micros` is the part that credit does not cover; it is reserved of the
-- overage window's cap (M16). `is_reserved`: the minimum would be available without the holds that run.
create or replace function fit_hold(p_workspace uuid, p_amount bigint, p_likely bigint, p_minimum bigint,
  p_at timestamptz)
returns table (available_micros bigint, amount_micros bigint, overage_micros bigint, is_reserved boolean)
language sql stable as $$
  select c.available_micros, f.micros, greatest(0, f.micros - greatest(0, c.credit_micros)),
    f.micros is null and c.available_micros - c.credit_micros + (
      select coalesce(sum(g.remaining_micros), 0) from grants g
      where g.workspace_id = p_workspace and ((g.starts_at <= p_at and g.expires_at > p_at) or g.remaining_micros < 0)
    ) + (
      select coalesce(sum(h.overage_micros), 0) from holds h where h.workspace_id = p_workspace and h.state = 'held'
    ) >= p_minimum
  from (select * from credit_of(p_workspace, p_at) offset 0) c
  cross join lateral (
    select case
      when p_amount <= c.available_micros / 2 then p_amount
      else least(p_amount, greatest(p_likely, c.available_micros / 8))
    end as micros offset 0
  ) w
  cross join lateral (
    select case when c.available_micros >= p_minimum then greatest(p_minimum, least(w.micros, c.available_micros)) end as micros
  ) f
$$;
