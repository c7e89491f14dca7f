-- The way back: nothing is lost; what ends an answer is several statements again.
drop function end_generation(jsonb);
--> statement-breakpoint
drop function end_unpaid(uuid, uuid, jsonb, timestamptz);
--> statement-breakpoint
drop function settle_hold(uuid, uuid, jsonb, timestamptz);
--> statement-breakpoint
drop function record_call(uuid, uuid, text, jsonb, bigint, bigint, bigint, timestamptz);
--> statement-breakpoint
drop function draw_credit(uuid, uuid, timestamptz, bigint, timestamptz);
--> statement-breakpoint
drop function charge_micros(jsonb, bigint, bigint, bigint);
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
