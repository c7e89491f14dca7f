-- All subscriptions of a workspace with their items, as a JSON array; lib/billing selects the one that
-- counts. Times are milliseconds since 1970.
create or replace function subscription_candidates(p_workspace uuid) returns json
language plpgsql stable as $$
declare
  v_candidates json;
begin
  select json_agg(json_build_object(
    'id', s.id, 'status', s.status, 'cancelAtPeriodEnd', s.cancel_at_period_end,
    'cancelAtMs', (extract(epoch from s.cancel_at) * 1000)::float8,
    'trialEndsAtMs', (extract(epoch from s.trial_ends_at) * 1000)::float8,
    'pastDueSinceMs', (extract(epoch from s.past_due_since) * 1000)::float8,
    'createdAtMs', (extract(epoch from s.created_at) * 1000)::float8,
    'items', coalesce((
      select json_agg(json_build_object(
        'id', i.id, 'lookupKey', i.lookup_key,
        'periodStartMs', (extract(epoch from i.period_start) * 1000)::float8,
        'periodEndMs', (extract(epoch from i.period_end) * 1000)::float8))
      from subscription_items i where i.subscription_id = s.id
    ), '[]')))
  into v_candidates
  from subscriptions s where s.workspace_id = p_workspace;
  return coalesce(v_candidates, '[]');
end $$;
