-- Adds credit that is due before a hold is taken (M9), once per source key. `p_grant`: {id, kind,
-- amountMicros, startsAt, expiresAt, sourceKey, lessSourceKey}, or null for none. A grant with the source key
-- `lessSourceKey` and the same end is a part of it that was given before, so its amount is deducted (S5). The
-- caller has locked the balance row.
create or replace function write_due_grant(p_workspace uuid, p_grant jsonb, p_at timestamptz) returns void
language plpgsql as $$
declare
  v_amount bigint;
begin
  if jsonb_typeof(p_grant) is distinct from 'object' then return; end if;
  v_amount := (p_grant ->> 'amountMicros')::bigint - coalesce((
    select g.amount_micros from grants g
    where g.workspace_id = p_workspace and g.source_key = p_grant ->> 'lessSourceKey'
      and g.expires_at = (p_grant ->> 'expiresAt')::timestamptz
  ), 0);
  if v_amount <= 0 then return; end if;
  perform write_grant(p_workspace, coalesce((p_grant ->> 'id')::uuid, gen_random_uuid()), p_grant ->> 'kind', v_amount,
    (p_grant ->> 'startsAt')::timestamptz, (p_grant ->> 'expiresAt')::timestamptz, p_grant ->> 'sourceKey', p_at);
end $$;
