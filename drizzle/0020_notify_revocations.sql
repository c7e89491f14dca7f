-- Tells every process that a session or an API key has ended, so that streams opened with it end (S11). The
-- channel and the form of a message: lib/chat/generation/readers/wake-bus.ts.
create function notify_revoked() returns trigger language plpgsql as $$
begin
  perform pg_notify('parley_chat', 'revoked database ' || old.id);
  return null;
end $$;
--> statement-breakpoint
create trigger sessions_revoked after update of revoked_at on sessions
  for each row when (old.revoked_at is null and new.revoked_at is not null) execute function notify_revoked();
--> statement-breakpoint
create trigger sessions_deleted after delete on sessions
  for each row when (old.revoked_at is null) execute function notify_revoked();
--> statement-breakpoint
create trigger api_keys_revoked after update of revoked_at on api_keys
  for each row when (old.revoked_at is null and new.revoked_at is not null) execute function notify_revoked();
--> statement-breakpoint
create trigger api_keys_deleted after delete on api_keys
  for each row when (old.revoked_at is null) execute function notify_revoked();
