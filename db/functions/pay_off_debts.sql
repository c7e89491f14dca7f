-- Lets a grant that ends pay off those that refunds and disputes left below zero (M18): it takes over their
-- spending, the oldest first, with what it has left. While it ran, that part could not be spent, so without
-- this it would be deducted again from later credit. The caller has locked the balance row. Returns the
-- amount in micro-USD.
create or replace function pay_off_debts(p_workspace uuid, p_grant uuid, p_at timestamptz) returns bigint
language plpgsql as $$
declare
  v_debt record;
  v_left bigint;
  v_paid bigint := 0;
  v_part bigint;
begin
  select greatest(0, remaining_micros) into v_left from grants where id = p_grant;
  for v_debt in
    select id, -remaining_micros as micros from grants
    where workspace_id = p_workspace and remaining_micros < 0 order by expires_at, created_at, id
  loop
    v_part := least(v_left - v_paid, v_debt.micros);
    exit when v_part = 0;
    update grants g set remaining_micros = g.remaining_micros + m.micros, spent_micros = g.spent_micros - m.micros
      from (values (v_debt.id, v_part), (p_grant, -v_part)) as m (id, micros) where g.id = m.id;
    insert into ledger_entries (workspace_id, kind, amount_micros, grant_id, source, at)
      select p_workspace, 'spend', m.micros, m.id,
        'debt#' || (select count(*) from ledger_entries e where e.grant_id = m.id and e.hold_id is null), p_at
      from (values (v_debt.id, v_part), (p_grant, -v_part)) as m (id, micros);
    v_paid := v_paid + v_part;
  end loop;
  return v_paid;
end $$;
