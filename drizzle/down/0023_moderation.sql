drop index audit_log_moderation;
--> statement-breakpoint
drop table operator_settings;
