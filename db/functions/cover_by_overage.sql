-- The second part of a settlement, after its credit was drawn: moves to the overage cap what other holds of
-- the window lost of their credit, and lends from the window what credit did not cover (M16). Returns the
-- lent amount in micro-USD, 0 without a window. The caller is settle_holds.
create or replace function cover_by_overage(p_hold uuid, p_charge bigint, p_own bigint, p_drawn bigint, p_at
  timestamptz)
returns bigint
language plpgsql as $$
declare
  v_hold holds;
  v_window overage_windows;
  v_moved bigint := 0;
  v_lent bigint;
begin
  select * into v_hold from holds where id = p_hold;
  select * into v_window from overage_windows
    where workspace_id = v_hold.workspace_id and starts_at <= v_hold.taken_at and ends_at > v_hold.taken_at;
  if not found then return 0; end if;
  if p_drawn > p_own then
    v_moved := least(p_drawn - p_own, greatest(0, -credit_left(v_hold.workspace_id, p_at)));
    perform move_claims(v_hold.workspace_id, v_window.starts_at, v_window.ends_at, v_moved);
  end if;
  if p_drawn >= p_charge then return 0; end if;
  v_lent := lend_overage(v_hold.workspace_id, p_hold, v_hold.taken_at, least(p_charge - p_drawn, greatest(
    v_hold.overage_micros - v_moved,
    case
      when credit_left(v_hold.workspace_id, p_at) < 0 then 0
      else overage_left(v_hold.workspace_id, v_hold.taken_at)
    end)), p_at);
  if v_lent > 0 then update holds set charged_micros = p_drawn + v_lent where id = p_hold; end if;
  return v_lent;
end $$;
