-- Adds up to `p_more` micro-USD to an open hold, as far as credit, overage and the API key's budget allow
-- (M2, M5). `p_budget` is the monthly limit of the hold's key, null for none. Overage is added only from the
-- window in which the hold was taken (M16). Returns the amount of the hold, null when it has ended.
create or replace function extend_hold(p_workspace uuid, p_hold uuid, p_more bigint, p_budget bigint, p_at timestamptz)
returns bigint
language plpgsql as $$
declare
  v_hold holds;
  v_credit bigint;
  v_available bigint;
  v_more bigint;
  v_overage bigint;
begin
  perform 1 from balances where workspace_id = p_workspace for update;
  select * into v_hold from holds where id = p_hold and workspace_id = p_workspace and state = 'held';
  if not found then return null; end if;
  select c.credit_micros, c.available_micros into v_credit, v_available from credit_of(p_workspace, p_at) c;
  v_more := least(p_more, v_available);
  if p_budget is not null then
    v_more := least(v_more, budget_left(p_workspace, v_hold.api_key_id, p_budget, p_at));
  end if;
  v_overage := greatest(0, v_more - greatest(0, v_credit));
  if v_overage > 0 and not exists (
    select 1 from overage_windows w where w.workspace_id = p_workspace
      and w.starts_at <= v_hold.taken_at and w.ends_at > v_hold.taken_at and w.ends_at > p_at
  ) then
    v_more := v_more - v_overage;
    v_overage := 0;
  end if;
  if v_more <= 0 then return v_hold.amount_micros; end if;
  update holds set amount_micros = amount_micros + v_more, overage_micros = overage_micros + v_overage where id = p_hold;
  update balances set held_micros = held_micros + v_more where workspace_id = p_workspace;
  return v_hold.amount_micros + v_more;
end $$;
