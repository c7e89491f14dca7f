CREATE TABLE "operator_settings" (
	"name" text PRIMARY KEY NOT NULL,
	"value" jsonb NOT NULL,
	"changed_at" timestamp (3) with time zone NOT NULL,
	"changed_by" uuid NOT NULL
);
--> statement-breakpoint
CREATE INDEX "audit_log_moderation" ON "audit_log" USING btree ("at") WHERE "audit_log"."action" in ('moderation.flagged', 'moderation.blocked');