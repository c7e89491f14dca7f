-- The way back: archives are deleted, and deletions that wait for their date are canceled.
alter table workspaces drop constraint workspaces_deletion_request;
--> statement-breakpoint
alter table workspaces drop column deletion_requested_at, drop column deletion_due_at;
--> statement-breakpoint
drop table data_export_chunks, data_exports;
--> statement-breakpoint
drop index audit_log_actor;
--> statement-breakpoint
drop index audit_log_target;
--> statement-breakpoint
drop index outgoing_mail_recipient;
