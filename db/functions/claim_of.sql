-- How much credit an open hold reserves, in micro-USD: what is not reserved of an overage cap. The hold
-- `p_whole` counts in full; holds taken from `p_from` until `p_to` count as zero, because overage can pay for
-- them instead.
create or replace function claim_of(p_hold holds, p_whole uuid, p_from timestamptz, p_to timestamptz)
returns bigint
language sql immutable as $$
  select case
    when p_hold.id = p_whole then p_hold.amount_micros
    when p_hold.taken_at >= p_from and p_hold.taken_at < p_to then 0
    else p_hold.amount_micros - p_hold.overage_micros
  end
$$;
