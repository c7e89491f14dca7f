-- Moves the end of a grant, for a trial that was extended or shortened (M11). Credit that expired at the old
-- end returns if the new one is still to come. Idempotent. Returns whether anything changed; null when there
-- is no such grant.
create or replace function set_grant_expiry(p_workspace uuid, p_source text, p_expires timestamptz,
  p_at timestamptz)
returns boolean
language plpgsql as $$
declare
  v_grant grants%rowtype;
begin
  perform 1 from balances where workspace_id = p_workspace for update;
  select * into v_grant from grants where workspace_id = p_workspace and source_key = p_source;
  if not found then return null; end if;
  if v_grant.expires_at = p_expires or p_expires <= v_grant.starts_at then return false; end if;
  update grants set expires_at = p_expires where id = v_grant.id;
  if p_expires > p_at and v_grant.expired_micros > 0 then
    update grants set expired_micros = 0, remaining_micros = remaining_micros + v_grant.expired_micros
      where id = v_grant.id;
    insert into ledger_entries (workspace_id, kind, amount_micros, grant_id, source, at)
      values (p_workspace, 'expire', v_grant.expired_micros, v_grant.id,
        'extended#' || (select count(*) from ledger_entries where grant_id = v_grant.id), p_at);
    update balances set balance_micros = balance_micros + v_grant.expired_micros where workspace_id = p_workspace;
  end if;
  return true;
end $$;
