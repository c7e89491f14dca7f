CREATE TABLE "former_customers" (
	"stripe_customer_id" text PRIMARY KEY NOT NULL,
	"workspace_id" uuid NOT NULL,
	"replaced_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
DROP INDEX "billing_drift_open";--> statement-breakpoint
ALTER TABLE "billing_drift" ADD COLUMN "source" text DEFAULT 'reconcile' NOT NULL;--> statement-breakpoint
ALTER TABLE "invoices" ADD COLUMN "due_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "subscription_items" ADD COLUMN "product_name" text;--> statement-breakpoint
ALTER TABLE "subscriptions" ADD COLUMN "stripe_customer_id" text;--> statement-breakpoint
-- Until now a workspace's subscriptions were written by the sync of its only known customer.
update subscriptions s set stripe_customer_id = c.stripe_customer_id
from billing_customers c where c.workspace_id = s.workspace_id;
--> statement-breakpoint
ALTER TABLE "subscriptions" ALTER COLUMN "stripe_customer_id" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "subscriptions" ADD COLUMN "collection_pause" text;--> statement-breakpoint
ALTER TABLE "subscriptions" ADD COLUMN "collection_resumes_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "subscriptions" ADD COLUMN "collection_method" text DEFAULT 'charge_automatically' NOT NULL;--> statement-breakpoint
ALTER TABLE "former_customers" ADD CONSTRAINT "former_customers_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "former_customers_workspace" ON "former_customers" USING btree ("workspace_id");--> statement-breakpoint
CREATE UNIQUE INDEX "billing_drift_open" ON "billing_drift" USING btree ("stripe_customer_id","source") WHERE "billing_drift"."fixed_at" is null;--> statement-breakpoint
ALTER TABLE "billing_drift" ADD CONSTRAINT "billing_drift_source" CHECK ("billing_drift"."source" in ('reconcile', 'sync', 'audit'));--> statement-breakpoint
ALTER TABLE "subscriptions" ADD CONSTRAINT "subscriptions_collection_pause" CHECK ("subscriptions"."collection_pause" in ('keep_as_draft', 'mark_uncollectible', 'void'));