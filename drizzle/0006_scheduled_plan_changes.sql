ALTER TABLE "subscriptions" ADD COLUMN "pending_until" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "subscriptions" ADD COLUMN "scheduled_lookup_key" text;--> statement-breakpoint
ALTER TABLE "subscriptions" ADD COLUMN "scheduled_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "subscriptions" ADD CONSTRAINT "subscriptions_scheduled" CHECK (("subscriptions"."scheduled_lookup_key" is null) = ("subscriptions"."scheduled_at" is null));