-- Locks a workspace's balance row until the end of the transaction. Every change of a workspace's credit
-- holds this lock. Returns false when `p_waits` is false and another transaction holds the lock.
create or replace function lock_balance(p_workspace uuid, p_waits boolean) returns boolean
language plpgsql as $$
begin
  if p_waits then
    perform 1 from balances where workspace_id = p_workspace for update;
    if not found then raise exception 'workspace % has no balance', p_workspace; end if;
    return true;
  end if;
  perform 1 from balances where workspace_id = p_workspace for update skip locked;
  return found;
end $$;
