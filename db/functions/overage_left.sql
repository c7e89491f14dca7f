-- What the overage window of a moment still allows, in micro-USD (M16): its cap, less what was used and what
-- open holds taken in it reserve. 0 without a window, and 0 when the cap was lowered below that.
create or replace function overage_left(p_workspace uuid, p_at timestamptz) returns bigint
language sql stable as $$
  select coalesce((
    select greatest(0, w.cap_micros - w.used_micros - (
      select coalesce(sum(h.overage_micros), 0) from holds h
      where h.workspace_id = p_workspace and h.state = 'held' and h.taken_at >= w.starts_at and h.taken_at < w.ends_at
    ))
    from overage_windows w where w.workspace_id = p_workspace and w.starts_at <= p_at and w.ends_at > p_at
  ), 0)::bigint
$$;
