ALTER TABLE "holds" ADD COLUMN "api_key_id" uuid;--> statement-breakpoint
ALTER TABLE "holds" ADD CONSTRAINT "holds_api_key_id_api_keys_id_fk" FOREIGN KEY ("api_key_id") REFERENCES "public"."api_keys"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
drop function take_hold(uuid, uuid, text, uuid, text, bigint, bigint, jsonb, timestamptz, timestamptz, jsonb);
--> statement-breakpoint
-- What a key's budget of the month (UTC) still lets through: what was charged, and what its open holds have reserved, is off it. The
-- caller has locked the balance row, so that parallel requests count each other.
create function budget_left(p_workspace uuid, p_key uuid, p_budget bigint, p_at timestamptz) returns bigint
language sql stable as $$
  select p_budget - coalesce((
    select sum(u.charged_micros) from usage_daily u
    where u.workspace_id = p_workspace and u.api_key_id = p_key
      and u.day >= date_trunc('month', p_at at time zone 'UTC')::date
  ), 0)::bigint - coalesce((
    select sum(h.amount_micros) from holds h
    where h.workspace_id = p_workspace and h.state = 'held' and h.api_key_id = p_key
  ), 0)::bigint
$$;
--> statement-breakpoint
-- Takes a hold if it fits (M2, M5). `p_grant` is credit that is due now and given first if it was not given before (M9):
-- {id, kind, amountMicros, startsAt, expiresAt, sourceKey}. A hold that the subject has already is answered as it is, so asking twice
-- is asking once. `p_key` is the API key that asks, `p_budget` what it may spend in a month (null: no limit of its own).
create function take_hold(p_workspace uuid, p_hold uuid, p_subject_kind text, p_subject uuid, p_model text, p_amount bigint,
  p_minimum bigint, p_rates jsonb, p_at timestamptz, p_expires timestamptz, p_grant jsonb default null, p_key uuid default null,
  p_budget bigint default null)
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
  if v_fit.amount_micros is null or v_budget < p_minimum then
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
--> statement-breakpoint
-- What a request of the public API needs before it may be sent on, in one statement: its turn (the workspace's bucket), and its hold.
-- Called by lib/chat/api-credit.ts, where the fields of "wish" are written down. The balance is locked first, as where answers start
-- together, so that neither waits for the other in a circle.
create function hold_request(wish jsonb) returns jsonb language plpgsql as $$
declare
  v_workspace uuid := (wish ->> 'workspaceId')::uuid;
  v_at timestamptz := (wish ->> 'at')::timestamptz;
  v_turn record;
  v_hold record;
begin
  perform 1 from balances where workspace_id = v_workspace for update;
  select * into v_turn
  from take_turns(array[wish ->> 'bucket'], array[(wish ->> 'requestsPerMinute')::integer], array[v_at]);
  if v_turn.wait_seconds > 0 then
    return jsonb_build_object('outcome', 'too_many_requests', 'turnsLeft', 0, 'retryAfterSeconds', v_turn.wait_seconds);
  end if;
  select * into v_hold from take_hold(v_workspace, (wish ->> 'holdId')::uuid, 'request', (wish ->> 'holdId')::uuid, wish ->> 'model',
    (wish ->> 'holdMicros')::bigint, (wish ->> 'minimumMicros')::bigint, wish -> 'rates', v_at, (wish ->> 'expiresAt')::timestamptz,
    wish -> 'grant', (wish ->> 'apiKeyId')::uuid, (wish ->> 'budgetMicros')::bigint);
  return jsonb_build_object('turnsLeft', v_turn.turns_left, 'heldMicros', v_hold.amount_micros, 'outcome', case
    when v_hold.ok then 'held'
    when v_hold.budget_left_micros < (wish ->> 'minimumMicros')::bigint then 'budget_spent'
    else 'insufficient_credit'
  end);
end $$;
