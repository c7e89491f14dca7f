-- Ends a hold without a charge, once, and adds the call, if there was one, to the request log, with what it
-- costs us (`costMicros`). Returns false when the hold had ended before.
create or replace function release_hold(p_workspace uuid, p_hold uuid, p_call jsonb, p_at timestamptz)
returns boolean
language plpgsql as $$
declare
  v_hold holds;
begin
  perform 1 from balances where workspace_id = p_workspace for update;
  update holds set state = 'released', ended_at = p_at
    where id = p_hold and workspace_id = p_workspace and state = 'held' returning * into v_hold;
  if not found then return false; end if;
  update balances set held_micros = held_micros - v_hold.amount_micros where workspace_id = p_workspace;
  if jsonb_typeof(p_call) = 'object' then
    perform record_calls(array[p_workspace], array[p_hold], array[v_hold.model], array[p_call],
      array[coalesce((p_call ->> 'costMicros')::bigint, 0)], array[0::bigint], array[0::bigint], p_at);
  end if;
  return true;
end $$;
