-- The way back: open holds count against no key's budget any more.
drop function hold_request(jsonb);
--> statement-breakpoint
drop function take_hold(uuid, uuid, text, uuid, text, bigint, bigint, jsonb, timestamptz, timestamptz, jsonb, uuid, bigint);
--> statement-breakpoint
drop function budget_left(uuid, uuid, bigint, timestamptz);
--> statement-breakpoint
create function take_hold(p_workspace uuid, p_hold uuid, p_subject_kind text, p_subject uuid, p_model text,
  p_amount bigint, p_minimum bigint, p_rates jsonb, p_at timestamptz, p_expires timestamptz, p_grant jsonb default null)
returns table (ok boolean, amount_micros bigint, available_micros bigint)
language plpgsql as $$
#variable_conflict use_column
declare
  v_amount bigint;
  v_fit record;
begin
  perform 1 from balances b where b.workspace_id = p_workspace for update;
  if not found then raise exception 'workspace % has no balance', p_workspace; end if;
  select h.amount_micros into v_amount from holds h where h.subject_kind = p_subject_kind and h.subject_id = p_subject;
  if found then
    return query select true, v_amount, available_credit(p_workspace, p_at);
    return;
  end if;
  if p_grant is not null and p_grant <> 'null'::jsonb then
    perform write_grant(p_workspace, coalesce((p_grant ->> 'id')::uuid, gen_random_uuid()), p_grant ->> 'kind',
      (p_grant ->> 'amountMicros')::bigint, (p_grant ->> 'startsAt')::timestamptz, (p_grant ->> 'expiresAt')::timestamptz,
      p_grant ->> 'sourceKey', p_at);
  end if;
  select * into v_fit from fit_hold(p_workspace, p_amount, p_minimum, p_at);
  if v_fit.amount_micros is null then
    return query select false, 0::bigint, v_fit.available_micros;
    return;
  end if;
  insert into holds (id, workspace_id, subject_id, subject_kind, model, amount_micros, overage_micros, rates, taken_at, expires_at)
    values (p_hold, p_workspace, p_subject, p_subject_kind, p_model, v_fit.amount_micros, v_fit.overage_micros, p_rates, p_at,
      p_expires);
  update balances b set held_micros = b.held_micros + v_fit.amount_micros where b.workspace_id = p_workspace;
  return query select true, v_fit.amount_micros, v_fit.available_micros - v_fit.amount_micros;
end $$;
--> statement-breakpoint
alter table holds drop column api_key_id;
