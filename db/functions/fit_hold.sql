-- The size of a hold (M2), in micro-USD: the amount, clamped to what is available, or null when less than the
-- minimum is available. `overage_micros` is the part that credit does not cover; it is reserved of the
-- overage window's cap (M16).
create or replace function fit_hold(p_workspace uuid, p_amount bigint, p_minimum bigint, p_at timestamptz)
returns table (available_micros bigint, amount_micros bigint, overage_micros bigint)
language sql stable as $$
  select c.available_micros, f.micros, greatest(0, f.micros - greatest(0, c.credit_micros))
  from (select * from credit_of(p_workspace, p_at) offset 0) c
  cross join lateral (
    select case when c.available_micros >= p_minimum then greatest(p_minimum, least(p_amount, c.available_micros)) end as micros
  ) f
$$;
