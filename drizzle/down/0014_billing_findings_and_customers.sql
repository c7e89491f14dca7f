-- The way back: one open finding per customer again, so findings of the new sources are dropped, and replaced
-- customers are forgotten again.
delete from billing_drift where source <> 'reconcile';
--> statement-breakpoint
DROP INDEX "billing_drift_open";--> statement-breakpoint
ALTER TABLE "billing_drift" DROP COLUMN "source";--> statement-breakpoint
CREATE UNIQUE INDEX "billing_drift_open" ON "billing_drift" USING btree ("stripe_customer_id") WHERE "billing_drift"."fixed_at" is null;--> statement-breakpoint
ALTER TABLE "subscriptions" DROP COLUMN "collection_method";--> statement-breakpoint
ALTER TABLE "subscriptions" DROP COLUMN "collection_resumes_at";--> statement-breakpoint
ALTER TABLE "subscriptions" DROP COLUMN "collection_pause";--> statement-breakpoint
ALTER TABLE "subscriptions" DROP COLUMN "stripe_customer_id";--> statement-breakpoint
ALTER TABLE "subscription_items" DROP COLUMN "product_name";--> statement-breakpoint
ALTER TABLE "invoices" DROP COLUMN "due_at";--> statement-breakpoint
DROP TABLE "former_customers";
--> statement-breakpoint
drop function if exists set_grant_expiry(uuid, text, timestamptz, timestamptz);
