-- How much credit beyond its own (`p_own`) a hold may spend, in micro-USD: credit that other holds of the
-- same overage window reserve, as far as the window's cap can pay for them instead (M16). 0 without a window.
create or replace function claimable_credit(p_hold holds, p_own bigint, p_charge bigint, p_at timestamptz)
returns bigint
language plpgsql stable as $$
declare
  v_window overage_windows;
  v_overage_left bigint;
begin
  select * into v_window from overage_windows
    where workspace_id = p_hold.workspace_id and starts_at <= p_hold.taken_at and ends_at > p_hold.taken_at;
  if not found then return 0; end if;
  v_overage_left := p_hold.overage_micros + case
    when credit_left(p_hold.workspace_id, p_at) < 0 then 0
    else overage_left(p_hold.workspace_id, p_hold.taken_at)
  end;
  return greatest(0, least(p_charge - p_own, v_overage_left, p_hold.amount_micros - p_own
    + credit_left(p_hold.workspace_id, p_at, p_hold.id, v_window.starts_at, v_window.ends_at)));
end $$;
