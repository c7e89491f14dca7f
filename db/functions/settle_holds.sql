-- Settles holds, at most one per workspace: charges and frees each exactly once (M5, M6, M7). The caller
-- computed charge and cost from the rates of the hold, and has locked the balance rows. Credit is drawn
-- first: what the hold reserved, then credit that nobody reserved, then credit that other holds of the same
-- overage window reserved, which get the same amount of the cap instead. The window lends what credit does
-- not cover (M16). The rest is our loss. Ledger, balance, request log and daily totals change together.
-- Returns by hold id {settled, model, chargedMicros, costMicros, lossMicros}; `settled` is false for a hold
-- that had ended before.
create or replace function settle_holds(p_workspaces uuid[], p_holds uuid[], p_charges bigint[], p_costs
  bigint[], p_calls jsonb[], p_at timestamptz)
returns jsonb
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
  v_workspaces uuid[];
  v_holds uuid[];
  v_charges bigint[];
  v_costs bigint[];
  v_calls jsonb[];
  v_models text[];
  v_taken_at timestamptz[];
  v_amounts bigint[];
  v_own bigint[];
  v_limits bigint[];
  v_drawn bigint[];
  v_covered bigint[];
  v_losses bigint[];
  v_needs_overage boolean;
  v_results jsonb := '{}';
begin
  -- `own`: the credit that a hold may draw without touching what other holds reserve. All arrays have the
  -- order of the same rows.
  select array_agg(h.workspace_id), array_agg(h.id), array_agg(r.charge), array_agg(r.cost), array_agg(r.call),
    array_agg(h.model), array_agg(h.taken_at), array_agg(h.amount_micros), array_agg(own.micros),
    array_agg(case
      when r.charge <= own.micros then r.charge
      else least(r.charge, own.micros + claimable_credit(h, own.micros, r.charge, p_at))
    end)
  into v_workspaces, v_holds, v_charges, v_costs, v_calls, v_models, v_taken_at, v_amounts, v_own, v_limits
  from unnest(p_workspaces, p_holds, p_charges, p_costs, p_calls) as r (workspace_id, hold_id, charge, cost, call)
  join holds h on h.id = r.hold_id and h.workspace_id = r.workspace_id and h.state = 'held'
  cross join lateral (
    select h.amount_micros + greatest(-h.overage_micros, credit_left(h.workspace_id, p_at, h.id)) as micros offset 0
  ) own;

  if v_holds is not null then
    select array_agg(c.drawn order by c.position), bool_or(c.drawn > c.own or c.drawn < c.charge)
    into v_drawn, v_needs_overage
    from (
      select r.position, r.own, r.charge, coalesce(d.drawn_micros, 0) as drawn
      from unnest(v_holds, v_own, v_charges) with ordinality as r (hold_id, own, charge, position)
      left join draw_credits(v_workspaces, v_holds, v_taken_at, v_limits, p_at) d on d.hold_id = r.hold_id
    ) c;
    with settled as (
      update holds h set state = 'settled', charged_micros = s.drawn, ended_at = p_at
      from unnest(v_holds, v_drawn) as s (id, drawn) where h.id = s.id
    )
    update balances b set held_micros = b.held_micros - s.amount, balance_micros = b.balance_micros - s.drawn
    from unnest(v_workspaces, v_amounts, v_drawn) as s (workspace_id, amount, drawn)
    where b.workspace_id = s.workspace_id;

    v_covered := v_drawn;
    v_losses := array_fill(0::bigint, array[cardinality(v_holds)]);
    if v_needs_overage then
      for v_index in 1 .. cardinality(v_holds) loop
        v_covered[v_index] := v_drawn[v_index]
          + cover_by_overage(v_holds[v_index], v_charges[v_index], v_own[v_index], v_drawn[v_index], p_at);
        v_losses[v_index] := v_charges[v_index] - v_covered[v_index];
      end loop;
      insert into ledger_entries (workspace_id, kind, amount_micros, hold_id, source, at)
        select l.workspace_id, k.kind, k.sign * l.loss, l.hold_id, 'hold:' || l.hold_id, p_at
        from unnest(v_workspaces, v_holds, v_losses) as l (workspace_id, hold_id, loss)
        cross join (values ('overrun', -1), ('loss', 1)) as k (kind, sign)
        where l.loss > 0;
    end if;
    if 0 < any(v_covered) then perform record_warnings(v_workspaces, v_taken_at, p_at); end if;
    perform record_calls(v_workspaces, v_holds, v_models, v_calls, v_costs, v_covered, v_losses, p_at);
    perform count_usage(v_workspaces, v_models, v_calls, v_costs, v_covered, p_at);
    select jsonb_object_agg(s.hold_id, jsonb_build_object('settled', true, 'model', s.model,
      'chargedMicros', s.covered, 'costMicros', s.cost, 'lossMicros', s.loss))
    into v_results
    from unnest(v_holds, v_models, v_covered, v_costs, v_losses) as s (hold_id, model, covered, cost, loss);
  end if;

  if coalesce(cardinality(v_holds), 0) < cardinality(p_holds) then
    select v_results || coalesce(jsonb_object_agg(h.id, jsonb_build_object('settled', false, 'model', h.model,
      'chargedMicros', coalesce(h.charged_micros, 0), 'costMicros', 0, 'lossMicros', 0)), '{}')
    into v_results
    from unnest(p_workspaces, p_holds) as r (workspace_id, hold_id)
    join holds h on h.id = r.hold_id and h.workspace_id = r.workspace_id
    where h.id <> all(coalesce(v_holds, '{}'));
  end if;
  return v_results;
end $$;
