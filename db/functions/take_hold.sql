-- Takes a hold if it fits (M2, M5); `p_amount`, `p_likely` and `p_minimum` are those of fit_hold. `p_grant`
-- is credit that is due and granted first if it is new, see write_due_grant (M9). Idempotent: a subject that
-- has a hold gets its amount again. `p_key` is the API key of the request and `p_budget` its monthly limit in
-- micro-USD, null for none. `is_reserved`: the minimum would fit without the holds that run.
create or replace function take_hold(p_workspace uuid, p_hold uuid, p_subject_kind text, p_subject uuid,
  p_model text, p_amount bigint, p_likely bigint, p_minimum bigint, p_rates jsonb, p_at timestamptz,
  p_expires timestamptz, p_grant jsonb, p_key uuid, p_budget bigint)
returns table (ok boolean, amount_micros bigint, available_micros bigint, budget_left_micros bigint, is_reserved boolean)
language plpgsql as $$
#variable_conflict use_column
declare
  v_amount bigint;
  v_budget bigint;
  v_budget_held bigint := 0;
  v_fit record;
begin
  perform 1 from balances b where b.workspace_id = p_workspace for update;
  if not found then raise exception 'workspace % has no balance', p_workspace; end if;
  select h.amount_micros into v_amount from holds h where h.subject_kind = p_subject_kind and h.subject_id = p_subject;
  if found then
    return query select true, v_amount, available_credit(p_workspace, p_at), null::bigint, false;
    return;
  end if;
  perform write_due_grant(p_workspace, p_grant, p_at);
  v_amount := p_amount;
  if p_budget is not null then
    v_budget := budget_left(p_workspace, p_key, p_budget, p_at);
    -- A budget is shared like credit, see fit_hold.
    v_amount := least(v_budget, case
      when p_amount <= v_budget / 2 then p_amount else least(p_amount, greatest(p_likely, v_budget / 8))
    end);
  end if;
  select * into v_fit from fit_hold(p_workspace, v_amount, least(p_likely, v_amount), p_minimum, p_at);
  if v_fit.amount_micros is null or v_budget < p_minimum or v_budget <= 0 then
    if p_budget is not null then
      select coalesce(sum(h.amount_micros), 0) into v_budget_held from holds h
        where h.workspace_id = p_workspace and h.state = 'held' and h.api_key_id = p_key;
    end if;
    return query select false, 0::bigint, v_fit.available_micros, v_budget,
      (v_fit.is_reserved or v_fit.amount_micros is not null)
        and (p_budget is null or v_budget + v_budget_held >= greatest(1, p_minimum));
    return;
  end if;
  insert into holds (id, workspace_id, subject_id, subject_kind, api_key_id, model, amount_micros, overage_micros, rates, taken_at,
      expires_at)
    values (p_hold, p_workspace, p_subject, p_subject_kind, p_key, p_model, v_fit.amount_micros, v_fit.overage_micros, p_rates, p_at,
      p_expires);
  update balances b set held_micros = b.held_micros + v_fit.amount_micros where b.workspace_id = p_workspace;
  return query select true, v_fit.amount_micros, v_fit.available_micros - v_fit.amount_micros, v_budget - v_fit.amount_micros,
    false;
end $$;
