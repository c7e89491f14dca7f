-- The way back: what was used beyond credit stays in the meter's outbox and on the invoices; its pairs in the ledger, which sum to
-- zero, go. Nothing may be held beyond credit at that moment: switch the caps off and wait for the open answers.
create or replace function available_credit(p_workspace uuid, p_at timestamptz) returns bigint
language plpgsql stable as $$
declare
  v_running bigint;
  v_held bigint;
  v_covered bigint := 0;
  v_grant record;
begin
  select coalesce(sum(remaining_micros), 0) into v_running from grants
    where workspace_id = p_workspace
      and ((starts_at <= p_at and expires_at > p_at) or remaining_micros < 0);
  select held_micros into v_held from balances where workspace_id = p_workspace;
  v_held := coalesce(v_held, 0);
  if v_held > 0 then
    for v_grant in
      select remaining_micros, expires_at from grants
      where workspace_id = p_workspace and expires_at <= p_at and remaining_micros > 0 order by expires_at
    loop
      v_covered := v_covered + greatest(0, least(v_grant.remaining_micros, (
        select coalesce(sum(amount_micros), 0) from holds
        where workspace_id = p_workspace and state = 'held' and taken_at < v_grant.expires_at
      ) - v_covered));
    end loop;
  end if;
  return v_running - (v_held - v_covered);
end $$;
--> statement-breakpoint
create or replace function take_hold(p_workspace uuid, p_hold uuid, p_subject_kind text, p_subject uuid, p_model text, p_amount bigint,
  p_minimum bigint, p_rates jsonb, p_at timestamptz, p_expires timestamptz, p_grant jsonb default null)
returns table (ok boolean, amount_micros bigint, available_micros bigint)
language plpgsql as $$
#variable_conflict use_column
declare
  v_available bigint;
  v_amount bigint;
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
  v_available := available_credit(p_workspace, p_at);
  if v_available < p_minimum then
    return query select false, 0::bigint, v_available;
    return;
  end if;
  v_amount := greatest(p_minimum, least(p_amount, v_available));
  insert into holds (id, workspace_id, subject_id, subject_kind, model, amount_micros, rates, taken_at, expires_at)
    values (p_hold, p_workspace, p_subject, p_subject_kind, p_model, v_amount, p_rates, p_at, p_expires);
  update balances b set held_micros = b.held_micros + v_amount where b.workspace_id = p_workspace;
  return query select true, v_amount, v_available - v_amount;
end $$;
--> statement-breakpoint
create or replace function settle_hold(p_workspace uuid, p_hold uuid, p_call jsonb, p_at timestamptz) returns jsonb
language plpgsql as $$
declare
  v_hold holds%rowtype;
  v_free bigint;
  v_prompt bigint := (p_call ->> 'promptTokens')::bigint;
  v_cached bigint := (p_call ->> 'cachedTokens')::bigint;
  v_completion bigint := (p_call ->> 'completionTokens')::bigint;
  v_charge bigint;
  v_cost bigint;
  v_covered bigint;
  v_loss bigint;
begin
  perform 1 from balances where workspace_id = p_workspace for update;
  select * into v_hold from holds where id = p_hold and workspace_id = p_workspace;
  if not found then return null; end if;
  v_free := available_credit(p_workspace, p_at);
  if v_hold.state <> 'held' then
    return jsonb_build_object('settled', false, 'model', v_hold.model, 'chargedMicros', coalesce(v_hold.charged_micros, 0),
      'costMicros', 0, 'lossMicros', 0, 'availableMicros', v_free);
  end if;

  v_charge := charge_micros(v_hold.rates -> 'price', v_prompt, v_cached, v_completion);
  v_cost := charge_micros(v_hold.rates -> 'cost', v_prompt, v_cached, v_completion);
  v_covered := draw_credit(p_workspace, p_hold, v_hold.taken_at, least(v_charge, v_hold.amount_micros + greatest(0, v_free)), p_at);
  v_loss := v_charge - v_covered;
  if v_loss > 0 then
    insert into ledger_entries (workspace_id, kind, amount_micros, hold_id, source, at) values
      (p_workspace, 'overrun', -v_loss, p_hold, 'hold:' || p_hold, p_at),
      (p_workspace, 'loss', v_loss, p_hold, 'hold:' || p_hold, p_at);
  end if;
  update holds set state = 'settled', charged_micros = v_covered, ended_at = p_at where id = p_hold;
  update balances set held_micros = held_micros - v_hold.amount_micros, balance_micros = balance_micros - v_covered
    where workspace_id = p_workspace;

  perform record_call(p_workspace, p_hold, v_hold.model, p_call, v_cost, v_covered, v_loss, p_at);
  insert into usage_daily as d (workspace_id, day, model, api_key_id, requests, prompt_tokens, completion_tokens, cost_micros,
    charged_micros)
  values (p_workspace, (p_at at time zone 'UTC')::date, v_hold.model,
    coalesce((p_call ->> 'apiKeyId')::uuid, '00000000-0000-0000-0000-000000000000'), 1, v_prompt, v_completion, v_cost, v_covered)
  on conflict (workspace_id, day, model, api_key_id) do update set requests = d.requests + 1,
    prompt_tokens = d.prompt_tokens + excluded.prompt_tokens, completion_tokens = d.completion_tokens + excluded.completion_tokens,
    cost_micros = d.cost_micros + excluded.cost_micros, charged_micros = d.charged_micros + excluded.charged_micros;
  return jsonb_build_object('settled', true, 'model', v_hold.model, 'chargedMicros', v_covered, 'costMicros', v_cost,
    'lossMicros', v_loss, 'availableMicros', v_free + v_hold.amount_micros - v_covered);
end $$;
--> statement-breakpoint
drop function note_warnings(uuid, timestamptz, timestamptz);
--> statement-breakpoint
drop function lend_overage(uuid, uuid, timestamptz, bigint, timestamptz);
--> statement-breakpoint
drop function move_claims(uuid, timestamptz, timestamptz, bigint);
--> statement-breakpoint
drop function overage_left(uuid, timestamptz);
--> statement-breakpoint
drop function credit_left(uuid, timestamptz, uuid, timestamptz, timestamptz);
--> statement-breakpoint
drop function claim_of(holds, uuid, timestamptz, timestamptz);
--> statement-breakpoint
delete from ledger_entries where kind = 'overage' or (kind = 'spend' and grant_id is null);
--> statement-breakpoint
ALTER TABLE "ledger_entries" DROP CONSTRAINT "ledger_entries_kind";
--> statement-breakpoint
ALTER TABLE "ledger_entries" ADD CONSTRAINT "ledger_entries_kind" CHECK ("ledger_entries"."kind" in ('grant', 'spend', 'expire', 'take_back', 'restore', 'overrun', 'loss'));
--> statement-breakpoint
ALTER TABLE "holds" DROP CONSTRAINT "holds_overage", DROP COLUMN "overage_micros";
--> statement-breakpoint
ALTER TABLE "meter_events" DROP COLUMN "next_attempt_at";
--> statement-breakpoint
DROP TABLE "usage_warnings";
