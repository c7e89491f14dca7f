-- What open holds reserve of a workspace's credit, in micro-USD. A grant that has expired still pays for
-- holds taken before its end, so its rest is counted against those holds and never as credit for new ones.
-- Holds taken before the end of a grant were also taken before the end of every later grant, hence the
-- running sum. The last three parameters are those of claim_of.
create or replace function reserved_credit(p_workspace uuid, p_at timestamptz, p_whole uuid, p_from
  timestamptz, p_to timestamptz)
returns bigint
language plpgsql stable as $$
declare
  v_held bigint;
  v_covered bigint := 0;
  v_grant record;
begin
  select held_micros into v_held from balances where workspace_id = p_workspace;
  if exists (select 1 from overage_windows where workspace_id = p_workspace) then
    select coalesce(sum(claim_of(h, p_whole, p_from, p_to)), 0) into v_held from holds h
      where h.workspace_id = p_workspace and h.state = 'held';
  end if;
  for v_grant in
    select remaining_micros, expires_at from grants
    where workspace_id = p_workspace and expires_at <= p_at and remaining_micros > 0 order by expires_at
  loop
    v_covered := v_covered + greatest(0, least(v_grant.remaining_micros, (
      select coalesce(sum(claim_of(h, p_whole, p_from, p_to)), 0) from holds h
      where h.workspace_id = p_workspace and h.state = 'held' and h.taken_at < v_grant.expires_at
    ) - v_covered));
  end loop;
  return coalesce(v_held, 0) - v_covered;
end $$;
