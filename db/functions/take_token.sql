-- Takes one token from a rate limit bucket. A new bucket is full. An empty bucket is stored as -1 tokens, to
-- tell "the last token was taken" from "no token was left". The upsert locks the row, so concurrent callers
-- never get more tokens than there are. A clock that runs backwards adds none and removes none. Returns the
-- tokens left, and the seconds until the next token, 0 when one was taken.
create or replace function take_token(p_bucket text, p_capacity integer, p_refill_per_minute double precision,
  p_at timestamptz, out remaining integer, out retry_after_seconds integer)
language plpgsql as $$
declare
  v_token_ms double precision := 60000 / p_refill_per_minute;
  v_bucket rate_buckets;
begin
  insert into rate_buckets as b (key, tokens, refilled_at) values (p_bucket, p_capacity - 1, p_at)
  on conflict (key) do update set (tokens, refilled_at) = (
    select least(r.tokens, p_capacity) - 1,
      case
        when r.tokens >= p_capacity then greatest(p_at, b.refilled_at)
        else b.refilled_at + r.refill * v_token_ms * interval '1 millisecond'
      end
    from (
      select f.refill, greatest(b.tokens, 0) + f.refill as tokens
      from (
        select least(p_capacity, floor(
          greatest(0, extract(epoch from p_at - b.refilled_at) * 1000) / v_token_ms
        ))::integer as refill
      ) f
    ) r
  )
  returning * into v_bucket;
  remaining := greatest(0, v_bucket.tokens);
  retry_after_seconds := case when v_bucket.tokens >= 0 then 0 else greatest(1, ceil(
    (extract(epoch from v_bucket.refilled_at - p_at) * 1000 + v_token_ms) / 1000)) end;
end $$;
