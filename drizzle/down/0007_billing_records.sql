-- The way back: what Stripe knows is fetched again when the tables are; use beyond credit that was not yet reported is lost, and so
-- is who has had a trial. Send the outbox (meter_events) before going back.
DROP TABLE "billing_drift", "charges", "invoice_lines", "meter_events", "overage_settings", "revenue_daily", "trials", "overage_windows";
--> statement-breakpoint
ALTER TABLE "billing_customers" DROP CONSTRAINT "billing_customers_card";
--> statement-breakpoint
ALTER TABLE "billing_customers" DROP COLUMN "card_brand", DROP COLUMN "card_last4", DROP COLUMN "card_exp_month",
  DROP COLUMN "card_exp_year", DROP COLUMN "invoice_name", DROP COLUMN "address", DROP COLUMN "tax_ids";
--> statement-breakpoint
ALTER TABLE "workspaces" DROP COLUMN "deletion_started_at", DROP COLUMN "deleted_at";
