-- What new holds of a workspace may take at a moment (M2), in micro-USD: its credit, then open overage (M16).
create or replace function available_credit(p_workspace uuid, p_at timestamptz) returns bigint
language sql stable as $$
  select available_micros from credit_of(p_workspace, p_at)
$$;
