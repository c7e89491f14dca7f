-- Lends an amount from the overage window of the moment at which a hold was taken (M16), so that a late
-- settlement counts for the right period. The ledger gets two entries that sum to zero: the loan and its
-- spending. Returns the lent amount, 0 without a window.
create or replace function lend_overage(p_workspace uuid, p_hold uuid, p_taken_at timestamptz, p_micros
  bigint, p_at timestamptz)
returns bigint
language plpgsql as $$
begin
  if p_micros <= 0 then return 0; end if;
  update overage_windows set used_micros = used_micros + p_micros
    where workspace_id = p_workspace and starts_at <= p_taken_at and ends_at > p_taken_at;
  if not found then return 0; end if;
  insert into ledger_entries (workspace_id, kind, amount_micros, hold_id, source, at) values
    (p_workspace, 'overage', p_micros, p_hold, 'hold:' || p_hold, p_at),
    (p_workspace, 'spend', -p_micros, p_hold, 'hold:' || p_hold, p_at);
  return p_micros;
end $$;
