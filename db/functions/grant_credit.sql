-- Locks the balance and adds credit once per source key (M1). Returns true if the grant was new.
create or replace function grant_credit(p_workspace uuid, p_id uuid, p_kind text, p_amount bigint, p_starts
  timestamptz, p_expires timestamptz, p_source text, p_at timestamptz)
returns boolean
language plpgsql as $$
begin
  perform 1 from balances where workspace_id = p_workspace for update;
  if not found then raise exception 'workspace % has no balance', p_workspace; end if;
  return write_grant(p_workspace, p_id, p_kind, p_amount, p_starts, p_expires, p_source, p_at);
end $$;
