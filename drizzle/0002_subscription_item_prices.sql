ALTER TABLE "subscription_items" ADD COLUMN "unit_amount_cents" bigint;--> statement-breakpoint
ALTER TABLE "subscription_items" ADD COLUMN "currency" text DEFAULT 'usd' NOT NULL;--> statement-breakpoint
ALTER TABLE "subscription_items" ADD COLUMN "interval" text;