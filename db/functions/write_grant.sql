-- Adds credit once per source key (M1). Returns true if the grant was new. The caller has locked the balance
-- row.
create or replace function write_grant(p_workspace uuid, p_id uuid, p_kind text, p_amount bigint, p_starts
  timestamptz, p_expires timestamptz, p_source text, p_at timestamptz)
returns boolean
language plpgsql as $$
begin
  insert into grants (id, workspace_id, kind, amount_micros, remaining_micros, starts_at, expires_at, source_key, created_at)
    values (p_id, p_workspace, p_kind, p_amount, p_amount, p_starts, p_expires, p_source, p_at)
    on conflict (workspace_id, source_key) do nothing;
  if not found then return false; end if;
  insert into ledger_entries (workspace_id, kind, amount_micros, grant_id, source, at)
    values (p_workspace, 'grant', p_amount, p_id, p_source, p_at);
  update balances set balance_micros = balance_micros + p_amount where workspace_id = p_workspace;
  return true;
end $$;
