-- Removes the functions of db/functions that the previous release does not know, and restores the two that 0013 dropped. The functions
-- that both releases share keep their contract, so they stay.
drop function load_generation_starts(jsonb);
drop function commit_generation_starts(jsonb);
drop function commit_generation_start(jsonb, boolean);
drop function finalize_generations(jsonb, timestamptz);
drop function hold_api_request(jsonb);
drop function settle_hold(uuid, uuid, bigint, bigint, jsonb, timestamptz);
drop function settle_holds(uuid[], uuid[], bigint[], bigint[], jsonb[], timestamptz);
drop function cover_by_overage(uuid, bigint, bigint, bigint, timestamptz);
drop function claimable_credit(holds, bigint, bigint, timestamptz);
drop function release_hold(uuid, uuid, jsonb, timestamptz);
drop function record_warnings(uuid[], timestamptz[], timestamptz);
drop function claw_back(uuid, text, bigint, text, timestamptz);
drop function subscription_candidates(uuid);
drop function take_token(text, integer, double precision, timestamptz);
drop function lock_balance(uuid, boolean);
drop function if exists write_due_grant(uuid, jsonb, timestamptz);
drop function if exists pay_off_debts(uuid, uuid, timestamptz);
drop table applied_functions;
create function start_generation(wish jsonb) returns jsonb language sql as $$
  select start_generations(jsonb_build_array(wish)) -> 0
$$;
create function end_generation(wish jsonb) returns jsonb language plpgsql as $$
declare
  v_ended jsonb := end_generations(jsonb_build_array(wish), (wish ->> 'at')::timestamptz) -> 0;
begin
  perform pg_notify(wish #>> '{wake,channel}', wish #>> '{wake,message}');
  return nullif(v_ended, 'null');
end $$;
