drop trigger ledger_entries_append_only on ledger_entries;
drop trigger audit_log_append_only on audit_log;
drop function refuse_change();
-- Functions of db/functions that the previous release does not know.
drop function extend_hold(uuid, uuid, bigint, bigint, timestamptz);
drop function take_hold(uuid, uuid, text, uuid, text, bigint, bigint, bigint, jsonb, timestamptz, timestamptz, jsonb, uuid, bigint);
drop function fit_hold(uuid, bigint, bigint, bigint, timestamptz);
