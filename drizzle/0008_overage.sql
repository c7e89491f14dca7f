CREATE TABLE "usage_warnings" (
	"workspace_id" uuid NOT NULL,
	"subject" text NOT NULL,
	"period_at" timestamp (3) with time zone NOT NULL,
	"percent" integer NOT NULL,
	"used_micros" bigint NOT NULL,
	"limit_micros" bigint NOT NULL,
	"reached_at" timestamp (3) with time zone NOT NULL,
	"told_at" timestamp (3) with time zone,
	CONSTRAINT "usage_warnings_workspace_id_subject_period_at_percent_pk" PRIMARY KEY("workspace_id","subject","period_at","percent"),
	CONSTRAINT "usage_warnings_subject" CHECK ("usage_warnings"."subject" in ('allowance', 'overage')),
	CONSTRAINT "usage_warnings_percent" CHECK ("usage_warnings"."percent" in (50, 80, 100))
);
--> statement-breakpoint
ALTER TABLE "ledger_entries" DROP CONSTRAINT "ledger_entries_kind";--> statement-breakpoint
ALTER TABLE "meter_events" ADD COLUMN "next_attempt_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "holds" ADD COLUMN "overage_micros" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "usage_warnings" ADD CONSTRAINT "usage_warnings_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "usage_warnings_waiting" ON "usage_warnings" USING btree ("reached_at") WHERE "usage_warnings"."told_at" is null;--> statement-breakpoint
ALTER TABLE "holds" ADD CONSTRAINT "holds_overage" CHECK ("holds"."overage_micros" between 0 and "holds"."amount_micros");--> statement-breakpoint
ALTER TABLE "ledger_entries" ADD CONSTRAINT "ledger_entries_kind" CHECK ("ledger_entries"."kind" in ('grant', 'spend', 'expire', 'take_back', 'restore', 'overrun', 'loss', 'overage'));--> statement-breakpoint
-- How much of an open hold credit is to cover: what is not reserved of a cap. Seen by another hold that settles, that one counts
-- whole, and those taken in its window count for nothing, because they can have the cap instead.
create function claim_of(p_hold holds, p_whole uuid, p_from timestamptz, p_to timestamptz) returns bigint
language sql immutable as $$
  select case
    when p_hold.id = p_whole then p_hold.amount_micros
    when p_hold.taken_at >= p_from and p_hold.taken_at < p_to then 0
    else p_hold.amount_micros - p_hold.overage_micros
  end
$$;
--> statement-breakpoint
-- What credit has left beside what is held of it: what running grants have left (and what money back left below zero), less that
-- part of open holds which credit is to cover. Grants that have expired but that a hold taken before may still draw from cover that
-- hold, so they are counted against it and never as credit of their own. Open holds of before g1's end are also of before a later
-- g2's end, hence the running sum. The last three parameters are those of claim_of.
create function credit_left(p_workspace uuid, p_at timestamptz, p_whole uuid default null, p_from timestamptz default null,
  p_to timestamptz default null) returns bigint
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
  end if;
  return v_running - (v_held - v_covered);
end $$;
--> statement-breakpoint
-- What the overage window that holds a moment still lets through (M16): its cap, less what was used and what open holds that were
-- taken in it have reserved. Nothing where there is no window; a cap that was lowered below that lets nothing more through.
create function overage_left(p_workspace uuid, p_at timestamptz) returns bigint
language sql stable as $$
  select coalesce((
    select greatest(0, w.cap_micros - w.used_micros - (
      select coalesce(sum(h.overage_micros), 0) from holds h
      where h.workspace_id = p_workspace and h.state = 'held' and h.taken_at >= w.starts_at and h.taken_at < w.ends_at
    ))
    from overage_windows w where w.workspace_id = p_workspace and w.starts_at <= p_at and w.ends_at > p_at
  ), 0)::bigint
$$;
--> statement-breakpoint
-- What new holds may still take (M2): credit, then open overage (M16). Where money went back and more is owed than there is, what is
-- owed comes first, and nothing is lent on top of it (M19).
create or replace function available_credit(p_workspace uuid, p_at timestamptz) returns bigint
language plpgsql stable as $$
declare
  v_credit bigint := credit_left(p_workspace, p_at);
begin
  return case when v_credit < 0 then v_credit else v_credit + overage_left(p_workspace, p_at) end;
end $$;
--> statement-breakpoint
-- Takes a hold if it fits, clamped to what is available but never below the minimum (M2, M5). What credit does not cover of it is
-- reserved of the overage window's cap (M16). `p_grant` is credit that is due now and given first if it was not given before (M9):
-- {id, kind, amountMicros, startsAt, expiresAt, sourceKey}. A hold that the subject has already is answered as it is, so asking twice
-- is asking once.
create or replace function take_hold(p_workspace uuid, p_hold uuid, p_subject_kind text, p_subject uuid, p_model text,
  p_amount bigint, p_minimum bigint, p_rates jsonb, p_at timestamptz, p_expires timestamptz, p_grant jsonb default null)
returns table (ok boolean, amount_micros bigint, available_micros bigint)
language plpgsql as $$
#variable_conflict use_column
declare
  v_credit bigint;
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
  v_credit := credit_left(p_workspace, p_at);
  v_available := case when v_credit < 0 then v_credit else v_credit + overage_left(p_workspace, p_at) end;
  if v_available < p_minimum then
    return query select false, 0::bigint, v_available;
    return;
  end if;
  v_amount := greatest(p_minimum, least(p_amount, v_available));
  insert into holds (id, workspace_id, subject_id, subject_kind, model, amount_micros, overage_micros, rates, taken_at, expires_at)
    values (p_hold, p_workspace, p_subject, p_subject_kind, p_model, v_amount, greatest(0, v_amount - greatest(0, v_credit)), p_rates,
      p_at, p_expires);
  update balances b set held_micros = b.held_micros + v_amount where b.workspace_id = p_workspace;
  return query select true, v_amount, v_available - v_amount;
end $$;
--> statement-breakpoint
-- Moves an amount that open holds of a window were to have of credit onto its cap, because a hold beside them has spent that credit
-- and leaves them as much of the cap. The newest first: what expired before it was taken can pay for none of it.
create function move_claims(p_workspace uuid, p_from timestamptz, p_to timestamptz, p_micros bigint) returns void
language sql as $$
  update holds h set overage_micros = h.overage_micros + least(o.claim, p_micros - o.before_it)
  from (
    select id, amount_micros - overage_micros as claim, coalesce(sum(amount_micros - overage_micros) over (
      order by taken_at desc, id rows between unbounded preceding and 1 preceding
    ), 0)::bigint as before_it
    from holds where workspace_id = p_workspace and state = 'held' and taken_at >= p_from and taken_at < p_to
  ) o
  where h.id = o.id and o.before_it < p_micros
$$;
--> statement-breakpoint
-- Lends an amount from the overage window of the moment a hold was taken (M16), so that a late settlement lands in the right period.
-- In the ledger it is a pair that sums to zero: what is lent comes in and is spent. Returns what was lent; nothing without a window.
create function lend_overage(p_workspace uuid, p_hold uuid, p_taken_at timestamptz, p_micros bigint, p_at timestamptz) returns bigint
language plpgsql as $$
begin
  if p_micros <= 0 then return 0; end if;
  update overage_windows set used_micros = used_micros + p_micros
    where workspace_id = p_workspace and starts_at <= p_taken_at and ends_at > p_taken_at;
  if not found then return 0; end if;
  insert into ledger_entries (workspace_id, kind, amount_micros, hold_id, source, at) values
    (p_workspace, 'overage', p_micros, p_hold, 'hold:' || p_hold, p_at),
    (p_workspace, 'spend', -p_micros, p_hold, 'hold:' || p_hold, p_at);
  return p_micros;
end $$;
--> statement-breakpoint
-- Notes which parts of the allowance that runs, and of a window's cap, are used up (M17); each once a period. A rest below a
-- thousandth counts as used up: a hold leaves such a rest, and no answer can be had for it.
create function note_warnings(p_workspace uuid, p_taken_at timestamptz, p_at timestamptz) returns void
language sql as $$
  insert into usage_warnings (workspace_id, subject, period_at, percent, used_micros, limit_micros, reached_at)
  select p_workspace, u.subject, u.period_at, p.percent, u.used_micros, u.limit_micros, p_at
  from (
    select 'allowance' as subject, max(expires_at) as period_at, sum(spent_micros) as used_micros,
      sum(spent_micros + greatest(0, remaining_micros)) as limit_micros
    from grants
    where workspace_id = p_workspace and kind in ('allowance', 'trial') and starts_at <= p_at and expires_at > p_at
    union all
    select 'overage', starts_at, used_micros, cap_micros from overage_windows
    where workspace_id = p_workspace and starts_at <= p_taken_at and ends_at > p_taken_at
  ) u cross join (values (50), (80), (100)) p (percent)
  where u.limit_micros > 0 and u.used_micros * 1000 >= u.limit_micros * least(p.percent * 10, 999)
  on conflict do nothing
$$;
--> statement-breakpoint
-- Charges what was received and frees the rest of the hold, exactly once (M5, M6, M7), by the rates of the moment the hold was taken.
-- Credit is drawn first, also credit that came since, or that other holds of the same overage window were to have: those get as
-- much of the cap instead. What credit does not cover is lent from that window (M16). What the upstream counted beyond the hold is
-- taken from what nobody else needs, credit before overage; what is left then is our loss. Ledger, balance, request log and the day's sums change together. Null where there is no such hold. Called
-- by lib/usage/settle-hold.ts.
create or replace function settle_hold(p_workspace uuid, p_hold uuid, p_call jsonb, p_at timestamptz) returns jsonb
language plpgsql as $$
declare
  v_hold holds%rowtype;
  v_prompt bigint := (p_call ->> 'promptTokens')::bigint;
  v_cached bigint := (p_call ->> 'cachedTokens')::bigint;
  v_completion bigint := (p_call ->> 'completionTokens')::bigint;
  v_charge bigint;
  v_cost bigint;
  v_window overage_windows%rowtype;
  v_own bigint;
  v_room bigint;
  v_swap bigint := 0;
  v_drawn bigint;
  v_moved bigint := 0;
  v_lent bigint := 0;
  v_covered bigint;
  v_loss bigint;
begin
  perform 1 from balances where workspace_id = p_workspace for update;
  select * into v_hold from holds where id = p_hold and workspace_id = p_workspace;
  if not found then return null; end if;
  if v_hold.state <> 'held' then
    return jsonb_build_object('settled', false, 'model', v_hold.model, 'chargedMicros', coalesce(v_hold.charged_micros, 0),
      'costMicros', 0, 'lossMicros', 0, 'availableMicros', available_credit(p_workspace, p_at));
  end if;

  v_charge := charge_micros(v_hold.rates -> 'price', v_prompt, v_cached, v_completion);
  v_cost := charge_micros(v_hold.rates -> 'cost', v_prompt, v_cached, v_completion);
  -- What it may draw of credit without touching what other holds are to have of it.
  v_own := v_hold.amount_micros + greatest(-v_hold.overage_micros, credit_left(p_workspace, p_at, p_hold));
  if v_charge > v_own then
    select * into v_window from overage_windows
      where workspace_id = p_workspace and starts_at <= v_hold.taken_at and ends_at > v_hold.taken_at;
    if found then
      -- Beyond that, it may spend what others of its window are to have, as far as it can leave them as much of the cap.
      v_room := v_hold.overage_micros
        + case when credit_left(p_workspace, p_at) < 0 then 0 else overage_left(p_workspace, v_hold.taken_at) end;
      v_swap := greatest(0, least(v_charge - v_own, v_room, v_hold.amount_micros - v_own
        + credit_left(p_workspace, p_at, p_hold, v_window.starts_at, v_window.ends_at)));
    end if;
  end if;
  v_drawn := draw_credit(p_workspace, p_hold, v_hold.taken_at, least(v_charge, v_own + v_swap), p_at);
  update holds set state = 'settled', charged_micros = v_drawn, ended_at = p_at where id = p_hold;
  update balances set held_micros = held_micros - v_hold.amount_micros, balance_micros = balance_micros - v_drawn
    where workspace_id = p_workspace;
  if v_drawn > v_own then
    v_moved := least(v_drawn - v_own, greatest(0, -credit_left(p_workspace, p_at)));
    perform move_claims(p_workspace, v_window.starts_at, v_window.ends_at, v_moved);
  end if;
  if v_drawn < v_charge then
    v_lent := lend_overage(p_workspace, p_hold, v_hold.taken_at, least(v_charge - v_drawn, greatest(
      v_hold.overage_micros - v_moved,
      case when credit_left(p_workspace, p_at) < 0 then 0 else overage_left(p_workspace, v_hold.taken_at) end)), p_at);
    if v_lent > 0 then update holds set charged_micros = v_drawn + v_lent where id = p_hold; end if;
  end if;
  v_covered := v_drawn + v_lent;
  v_loss := v_charge - v_covered;
  if v_loss > 0 then
    insert into ledger_entries (workspace_id, kind, amount_micros, hold_id, source, at) values
      (p_workspace, 'overrun', -v_loss, p_hold, 'hold:' || p_hold, p_at),
      (p_workspace, 'loss', v_loss, p_hold, 'hold:' || p_hold, p_at);
  end if;
  if v_covered > 0 then perform note_warnings(p_workspace, v_hold.taken_at, p_at); end if;

  perform record_call(p_workspace, p_hold, v_hold.model, p_call, v_cost, v_covered, v_loss, p_at);
  insert into usage_daily as d (workspace_id, day, model, api_key_id, requests, prompt_tokens, completion_tokens, cost_micros,
    charged_micros)
  values (p_workspace, (p_at at time zone 'UTC')::date, v_hold.model,
    coalesce((p_call ->> 'apiKeyId')::uuid, '00000000-0000-0000-0000-000000000000'), 1, v_prompt, v_completion, v_cost, v_covered)
  on conflict (workspace_id, day, model, api_key_id) do update set requests = d.requests + 1,
    prompt_tokens = d.prompt_tokens + excluded.prompt_tokens, completion_tokens = d.completion_tokens + excluded.completion_tokens,
    cost_micros = d.cost_micros + excluded.cost_micros, charged_micros = d.charged_micros + excluded.charged_micros;
  return jsonb_build_object('settled', true, 'model', v_hold.model, 'chargedMicros', v_covered, 'costMicros', v_cost,
    'lossMicros', v_loss, 'availableMicros', available_credit(p_workspace, p_at));
end $$;
