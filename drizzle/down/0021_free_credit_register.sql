drop table free_credit_register;
--> statement-breakpoint
alter table workspaces drop column free_credit_from;
