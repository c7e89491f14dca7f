-- The way back: changes that wait are forgotten here, and still known to Stripe.
ALTER TABLE "subscriptions" DROP CONSTRAINT "subscriptions_scheduled";
--> statement-breakpoint
ALTER TABLE "subscriptions" DROP COLUMN "pending_until", DROP COLUMN "scheduled_lookup_key", DROP COLUMN "scheduled_at";
