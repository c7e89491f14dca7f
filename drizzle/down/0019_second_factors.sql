-- The way back: second factors are forgotten, and sign-ins need the first factor only. Emailed codes end.
delete from email_tokens where purpose = 'prove_identity';
--> statement-breakpoint
alter table email_tokens drop constraint email_tokens_purpose;
--> statement-breakpoint
alter table email_tokens add constraint email_tokens_purpose
  check (purpose in ('magic_link', 'reset_password', 'verify_email'));
--> statement-breakpoint
alter table email_tokens drop column code_hash, drop column binding;
--> statement-breakpoint
alter table sessions drop column proved_at, drop column ends_at;
--> statement-breakpoint
drop table known_devices, passkey_challenges, passkeys, pending_sign_ins, recovery_codes, totp_factors;
