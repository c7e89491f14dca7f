drop trigger sessions_revoked on sessions;
drop trigger sessions_deleted on sessions;
drop trigger api_keys_revoked on api_keys;
drop trigger api_keys_deleted on api_keys;
drop function notify_revoked();
