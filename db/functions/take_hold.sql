-- Takes a hold if it fits (M2, M5). `p_grant` is credit that is due and granted first if it is new (M9): {id,
-- kind, amountMicros, startsAt, expiresAt, sourceKey}. Idempotent: a subject that has a hold gets its amount
-- again. `p_key` is the API key of the request and `p_budget` its monthly limit in micro-USD, null for none.
create or replace function take_hold(p_workspace uuid, p_hold uuid, p_subject_kind text, p_subject uuid,
  p_model text, p_amount bigint, p_minimum bigint, p_rates jsonb, p_at timestamptz, p_expires timestamptz,
  p_grant jsonb default null, p_key uuid default null, p_budget bigint default null)
returns table (ok boolean, amount_micros bigint, available_micros bigint, budget_left_micros bigint)
language plpgsql as $$
#variable_conflict use_column
declare
  v_amount bigint;
  v_budget bigint;
  v_fit record;
begin
  perform 1 from balances b where b.workspace_id = p_workspace for update;
  if not found then raise exception 'workspace % has no balance', p_workspace; end if;
  select h.amount_micros into v_amount from holds h where h.subject_kind = p_subject_kind and h.subject_id = p_subject;
  if found then
    return query select true, v_amount, available_credit(p_workspace, p_at), null::bigint;
    return;
  end if;
  if p_grant is not null and p_grant <> 'null'::jsonb then
    perform write_grant(p_workspace, coalesce((p_grant ->> 'id')::uuid, gen_random_uuid()), p_grant ->> 'kind',
      (p_grant ->> 'amountMicros')::bigint, (p_grant ->> 'startsAt')::timestamptz, (p_grant ->> 'expiresAt')::timestamptz,
      p_grant ->> 'sourceKey', p_at);
  end if;
  if p_budget is not null then v_budget := budget_left(p_workspace, p_key, p_budget, p_at); end if;
  select * into v_fit from fit_hold(p_workspace, least(p_amount, v_budget), p_minimum, p_at);
  if v_fit.amount_micros is null or v_budget < p_minimum or v_budget <= 0 then
    return query select false, 0::bigint, v_fit.available_micros, v_budget;
    return;
  end if;
  insert into holds (id, workspace_id, subject_id, subject_kind, api_key_id, model, amount_micros, overage_micros, rates, taken_at,
      expires_at)
    values (p_hold, p_workspace, p_subject, p_subject_kind, p_key, p_model, v_fit.amount_micros, v_fit.overage_micros, p_rates, p_at,
      p_expires);
  update balances b set held_micros = b.held_micros + v_fit.amount_micros where b.workspace_id = p_workspace;
  return query select true, v_fit.amount_micros, v_fit.available_micros - v_fit.amount_micros, v_budget - v_fit.amount_micros;
end $$;
