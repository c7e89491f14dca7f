-- Starts prepared generations, at most one per workspace, in one transaction; see commit_generation_start.
-- One result per request, in order. A single request waits for the lock of its balance row; a batch does not
-- wait, and returns "busy" for that request.
create or replace function commit_generation_starts(p_requests jsonb) returns jsonb
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
  v_waits boolean := jsonb_array_length(p_requests) = 1;
  v_results jsonb := '[]';
begin
  for v_index in 0 .. jsonb_array_length(p_requests) - 1 loop
    v_results := v_results || commit_generation_start(p_requests -> v_index, v_waits);
  end loop;
  return v_results;
end $$;
