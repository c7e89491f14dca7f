-- A workspace's credit, and what new holds may take of it and of open overage (M2, M16), in micro-USD. A
-- workspace whose credit is negative (refunds, disputes) gets no overage on top (M19).
create or replace function credit_of(p_workspace uuid, p_at timestamptz)
returns table (credit_micros bigint, available_micros bigint)
language sql stable as $$
  select l.credit, case when l.credit < 0 then l.credit else l.credit + overage_left(p_workspace, p_at) end
  from (select credit_left(p_workspace, p_at) as credit offset 0) l
$$;
