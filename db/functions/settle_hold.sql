-- Settles one hold, see settle_holds, and adds what is available afterwards. Null when the workspace has no
-- such hold.
create or replace function settle_hold(p_workspace uuid, p_hold uuid, p_charge bigint, p_cost bigint, p_call
  jsonb, p_at timestamptz)
returns jsonb
language plpgsql as $$
declare
  v_result jsonb;
begin
  perform 1 from balances where workspace_id = p_workspace for update;
  v_result := settle_holds(array[p_workspace], array[p_hold], array[p_charge], array[p_cost], array[p_call], p_at)
    -> p_hold::text;
  -- A separate statement, so that it sees what the settlement changed.
  return v_result || jsonb_build_object('availableMicros', available_credit(p_workspace, p_at));
end $$;
