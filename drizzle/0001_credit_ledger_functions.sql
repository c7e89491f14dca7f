-- Money moves in functions that lock the workspace's balance row first, so that every change of one workspace's money waits for
-- the one before it, in one order, and each statement inside sees what that one left.

-- What new holds may still take (M2): what running grants have left (and what money back left below zero), less what is held.
-- Grants that have expired but that a hold taken before may still draw from cover that hold, so they are counted against it and
-- never as credit of their own. Open holds of before g1's end are also of before a later g2's end, hence the running sum.
create function available_credit(p_workspace uuid, p_at timestamptz) returns bigint
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
-- Gives credit once a source key (M1). True when it was given now. The caller has locked the balance row.
create function write_grant(p_workspace uuid, p_id uuid, p_kind text, p_amount bigint, p_starts timestamptz, p_expires timestamptz,
  p_source text, p_at timestamptz) returns boolean
language plpgsql as $$
begin
  insert into grants (id, workspace_id, kind, amount_micros, remaining_micros, starts_at, expires_at, source_key, created_at)
    values (p_id, p_workspace, p_kind, p_amount, p_amount, p_starts, p_expires, p_source, p_at)
    on conflict (workspace_id, source_key) do nothing;
  if not found then return false; end if;
  insert into ledger_entries (workspace_id, kind, amount_micros, grant_id, source, at)
    values (p_workspace, 'grant', p_amount, p_id, p_source, p_at);
  update balances set balance_micros = balance_micros + p_amount where workspace_id = p_workspace;
  return true;
end $$;
--> statement-breakpoint
create function grant_credit(p_workspace uuid, p_id uuid, p_kind text, p_amount bigint, p_starts timestamptz, p_expires timestamptz,
  p_source text, p_at timestamptz) returns boolean
language plpgsql as $$
begin
  perform 1 from balances where workspace_id = p_workspace for update;
  if not found then raise exception 'workspace % has no balance', p_workspace; end if;
  return write_grant(p_workspace, p_id, p_kind, p_amount, p_starts, p_expires, p_source, p_at);
end $$;
--> statement-breakpoint
-- Takes a hold if it fits, clamped to what is available but never below the minimum (M2, M5). `p_grant` is credit that is due now
-- and given first if it was not given before (M9): {id, kind, amountMicros, startsAt, expiresAt, sourceKey}. A hold that the subject
-- has already is answered as it is, so asking twice is asking once.
create function take_hold(p_workspace uuid, p_hold uuid, p_subject_kind text, p_subject uuid, p_model text, p_amount bigint,
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
-- Everything that decides how a hold is settled, read after the balance row was locked: the hold, what is free beside all holds, and
-- the grants it may draw from (those that were alive when it was taken, and those that run now).
create function gather_settlement(p_workspace uuid, p_hold uuid, p_at timestamptz) returns jsonb
language plpgsql as $$
declare
  v_hold holds%rowtype;
begin
  perform 1 from balances where workspace_id = p_workspace for update;
  select * into v_hold from holds where id = p_hold and workspace_id = p_workspace;
  if not found then return null; end if;
  return jsonb_build_object(
    'state', v_hold.state, 'model', v_hold.model, 'subjectKind', v_hold.subject_kind, 'rates', v_hold.rates,
    'amountMicros', v_hold.amount_micros, 'chargedMicros', v_hold.charged_micros,
    'freeMicros', available_credit(p_workspace, p_at),
    'grants', coalesce((
      select jsonb_agg(jsonb_build_object('id', g.id, 'kind', g.kind, 'remainingMicros', g.remaining_micros,
        'expiresAtMs', floor(extract(epoch from g.expires_at) * 1000), 'createdAtMs', floor(extract(epoch from g.created_at) * 1000),
        'expired', g.expires_at <= p_at))
      from grants g
      where g.workspace_id = p_workspace and g.remaining_micros > 0 and g.starts_at <= p_at and g.expires_at > v_hold.taken_at
    ), '[]'));
end $$;
--> statement-breakpoint
-- Writes a settlement once (compare-and-set on the hold's state): draws, entries, hold, balance. False when it had ended before.
-- The caller gathered in the same transaction, so nothing has changed in between.
create function apply_settlement(p_workspace uuid, p_hold uuid, p_draws jsonb, p_covered bigint, p_loss bigint, p_at timestamptz)
returns boolean
language plpgsql as $$
declare
  v_amount bigint;
begin
  update holds set state = 'settled', charged_micros = p_covered, ended_at = p_at
    where id = p_hold and workspace_id = p_workspace and state = 'held' returning amount_micros into v_amount;
  if not found then return false; end if;
  update grants g set remaining_micros = g.remaining_micros - d.micros, spent_micros = g.spent_micros + d.micros
    from jsonb_to_recordset(p_draws) as d("grantId" uuid, micros bigint)
    where g.id = d."grantId" and g.workspace_id = p_workspace;
  insert into ledger_entries (workspace_id, kind, amount_micros, grant_id, hold_id, source, at)
    select p_workspace, 'spend', -d.micros, d."grantId", p_hold, 'hold:' || p_hold, p_at
    from jsonb_to_recordset(p_draws) as d("grantId" uuid, micros bigint);
  if p_loss > 0 then
    insert into ledger_entries (workspace_id, kind, amount_micros, hold_id, source, at) values
      (p_workspace, 'overrun', -p_loss, p_hold, 'hold:' || p_hold, p_at),
      (p_workspace, 'loss', p_loss, p_hold, 'hold:' || p_hold, p_at);
  end if;
  update balances set held_micros = held_micros - v_amount, balance_micros = balance_micros - p_covered
    where workspace_id = p_workspace;
  return true;
end $$;
--> statement-breakpoint
-- Ends a hold without a charge, once.
create function release_hold(p_workspace uuid, p_hold uuid, p_at timestamptz) returns boolean
language plpgsql as $$
declare
  v_amount bigint;
begin
  perform 1 from balances where workspace_id = p_workspace for update;
  update holds set state = 'released', ended_at = p_at
    where id = p_hold and workspace_id = p_workspace and state = 'held' returning amount_micros into v_amount;
  if not found then return false; end if;
  update balances set held_micros = held_micros - v_amount where workspace_id = p_workspace;
  return true;
end $$;
--> statement-breakpoint
-- Writes off what expired grants have left (M3), except what holds taken before their end may still need. Returns the amount.
create function expire_grants(p_workspace uuid, p_at timestamptz) returns bigint
language plpgsql as $$
declare
  v_grant record;
  v_open bigint;
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
    update grants set expired_micros = expired_micros + remaining_micros, remaining_micros = 0 where id = v_grant.id;
    insert into ledger_entries (workspace_id, kind, amount_micros, grant_id, source, at)
      values (p_workspace, 'expire', -v_grant.remaining_micros, v_grant.id,
        'expiry#' || (select count(*) from ledger_entries where grant_id = v_grant.id and kind = 'expire'), p_at);
    v_total := v_total + v_grant.remaining_micros;
  end loop;
  if v_total > 0 then
    update balances set balance_micros = balance_micros - v_total where workspace_id = p_workspace;
  end if;
  return v_total;
end $$;
--> statement-breakpoint
-- Brings what was taken back from a grant to a target (M18): from what remains first, below zero if it must be, never more than the
-- grant less what expired unused. Saying the same target twice changes nothing; a lower one restores. Returns the change.
create function take_back(p_workspace uuid, p_source text, p_target bigint, p_reason text, p_at timestamptz) returns bigint
language plpgsql as $$
declare
  v_grant grants%rowtype;
  v_delta bigint;
begin
  perform 1 from balances where workspace_id = p_workspace for update;
  select * into v_grant from grants where workspace_id = p_workspace and source_key = p_source;
  if not found then return null; end if;
  v_delta := least(greatest(p_target, 0), v_grant.amount_micros - v_grant.expired_micros) - v_grant.taken_back_micros;
  if v_delta = 0 then return 0; end if;
  update grants set taken_back_micros = taken_back_micros + v_delta, remaining_micros = remaining_micros - v_delta
    where id = v_grant.id;
  insert into ledger_entries (workspace_id, kind, amount_micros, grant_id, source, at)
    values (p_workspace, case when v_delta > 0 then 'take_back' else 'restore' end, -v_delta, v_grant.id,
      p_reason || '#' || (select count(*) from ledger_entries where grant_id = v_grant.id), p_at);
  update balances set balance_micros = balance_micros - v_delta where workspace_id = p_workspace;
  return v_delta;
end $$;
