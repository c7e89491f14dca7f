-- Writes off what expired grants have left (M3), except what open holds taken before their end may still
-- draw, and what pays off grants below zero (M18). Returns the amount in micro-USD.
create or replace function expire_grants(p_workspace uuid, p_at timestamptz) returns bigint
language plpgsql as $$
declare
  v_grant record;
  v_open bigint;
  v_left bigint;
  v_total bigint := 0;
begin
  perform 1 from balances where workspace_id = p_workspace for update;
  for v_grant in
    select id, remaining_micros, expires_at from grants
    where workspace_id = p_workspace and expires_at <= p_at and remaining_micros > 0 order by expires_at
  loop
    select count(*) into v_open from holds
      where workspace_id = p_workspace and state = 'held' and taken_at < v_grant.expires_at;
    continue when v_open > 0;
    v_left := v_grant.remaining_micros - pay_off_debts(p_workspace, v_grant.id, p_at);
    continue when v_left = 0;
    update grants set expired_micros = expired_micros + v_left, remaining_micros = 0 where id = v_grant.id;
    insert into ledger_entries (workspace_id, kind, amount_micros, grant_id, source, at)
      values (p_workspace, 'expire', -v_left, v_grant.id,
        'expiry#' || (select count(*) from ledger_entries where grant_id = v_grant.id and kind = 'expire'), p_at);
    v_total := v_total + v_left;
  end loop;
  if v_total > 0 then
    update balances set balance_micros = balance_micros - v_total where workspace_id = p_workspace;
  end if;
  return v_total;
end $$;
