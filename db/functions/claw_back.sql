-- Sets the amount clawed back from a grant to a target (M18): from what remains first, below zero if
-- necessary, and never more than the grant. What expired unused counts as taken back, so that the order of an
-- expiry and a refund does not matter. Idempotent; a lower target restores.
-- Returns the change in micro-USD, null when there is no such grant.
create or replace function claw_back(p_workspace uuid, p_source text, p_target bigint, p_reason text, p_at
  timestamptz)
returns bigint
language plpgsql as $$
declare
  v_grant grants%rowtype;
  v_target bigint;
  v_delta bigint;
begin
  perform 1 from balances where workspace_id = p_workspace for update;
  select * into v_grant from grants where workspace_id = p_workspace and source_key = p_source;
  if not found then return null; end if;
  v_target := least(greatest(p_target, 0), v_grant.amount_micros);
  v_delta := case
    when v_target < v_grant.taken_back_micros then v_target - v_grant.taken_back_micros
    else greatest(0, v_target - v_grant.expired_micros - v_grant.taken_back_micros)
  end;
  if v_delta = 0 then return 0; end if;
  update grants set taken_back_micros = taken_back_micros + v_delta, remaining_micros = remaining_micros - v_delta
    where id = v_grant.id;
  insert into ledger_entries (workspace_id, kind, amount_micros, grant_id, source, at)
    values (p_workspace, case when v_delta > 0 then 'take_back' else 'restore' end, -v_delta, v_grant.id,
      p_reason || '#' || (select count(*) from ledger_entries where grant_id = v_grant.id), p_at);
  update balances set balance_micros = balance_micros - v_delta where workspace_id = p_workspace;
  return v_delta;
end $$;
