CREATE TABLE "free_credit_register" (
	"mailbox_hash" text PRIMARY KEY NOT NULL,
	"used_until" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "workspaces" ADD COLUMN "free_credit_from" timestamp (3) with time zone;