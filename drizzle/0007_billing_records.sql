CREATE TABLE "billing_drift" (
	"id" uuid PRIMARY KEY NOT NULL,
	"stripe_customer_id" text NOT NULL,
	"workspace_id" uuid,
	"differences" jsonb NOT NULL,
	"found_at" timestamp (3) with time zone NOT NULL,
	"fixed_at" timestamp (3) with time zone,
	"fixed_by" uuid
);
--> statement-breakpoint
CREATE TABLE "charges" (
	"id" text PRIMARY KEY NOT NULL,
	"workspace_id" uuid NOT NULL,
	"invoice_id" text,
	"payment_intent_id" text,
	"amount_cents" bigint NOT NULL,
	"refunded_cents" bigint NOT NULL,
	"disputed_cents" bigint NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"synced_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "charges_refunded" CHECK ("charges"."refunded_cents" between 0 and "charges"."amount_cents")
);
--> statement-breakpoint
CREATE TABLE "invoice_lines" (
	"id" text PRIMARY KEY NOT NULL,
	"invoice_id" text NOT NULL,
	"subscription_item_id" text,
	"lookup_key" text,
	"description" text,
	"is_proration" boolean NOT NULL,
	"amount_cents" bigint NOT NULL,
	"period_start" timestamp (3) with time zone NOT NULL,
	"period_end" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "meter_events" (
	"identifier" text PRIMARY KEY NOT NULL,
	"workspace_id" uuid NOT NULL,
	"stripe_customer_id" text NOT NULL,
	"units" bigint NOT NULL,
	"used_at" timestamp (3) with time zone NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"sent_at" timestamp (3) with time zone,
	"attempts" integer DEFAULT 0 NOT NULL,
	"last_error" text,
	CONSTRAINT "meter_events_units" CHECK ("meter_events"."units" > 0)
);
--> statement-breakpoint
CREATE TABLE "overage_settings" (
	"workspace_id" uuid PRIMARY KEY NOT NULL,
	"enabled" boolean NOT NULL,
	"cap_micros" bigint NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "overage_settings_cap" CHECK ("overage_settings"."cap_micros" >= 0)
);
--> statement-breakpoint
CREATE TABLE "revenue_daily" (
	"day" date PRIMARY KEY NOT NULL,
	"mrr_cents" bigint NOT NULL,
	"paying" integer NOT NULL,
	"trialing" integer NOT NULL,
	"past_due" integer NOT NULL,
	"started" integer NOT NULL,
	"ended" integer NOT NULL,
	"failed_payments" integer NOT NULL,
	"taken_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "trials" (
	"subscription_id" text PRIMARY KEY NOT NULL,
	"workspace_id" uuid NOT NULL,
	"email_hash" text NOT NULL,
	"card_fingerprint" text,
	"started_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "overage_windows" (
	"workspace_id" uuid NOT NULL,
	"starts_at" timestamp (3) with time zone NOT NULL,
	"ends_at" timestamp (3) with time zone NOT NULL,
	"cap_micros" bigint NOT NULL,
	"used_micros" bigint DEFAULT 0 NOT NULL,
	"reported_micros" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "overage_windows_workspace_id_starts_at_pk" PRIMARY KEY("workspace_id","starts_at"),
	CONSTRAINT "overage_windows_period" CHECK ("overage_windows"."ends_at" > "overage_windows"."starts_at"),
	CONSTRAINT "overage_windows_cap" CHECK ("overage_windows"."cap_micros" >= 0),
	CONSTRAINT "overage_windows_reported" CHECK ("overage_windows"."reported_micros" between 0 and "overage_windows"."used_micros")
);
--> statement-breakpoint
ALTER TABLE "workspaces" ADD COLUMN "deletion_started_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "workspaces" ADD COLUMN "deleted_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "billing_customers" ADD COLUMN "card_brand" text;--> statement-breakpoint
ALTER TABLE "billing_customers" ADD COLUMN "card_last4" text;--> statement-breakpoint
ALTER TABLE "billing_customers" ADD COLUMN "card_exp_month" integer;--> statement-breakpoint
ALTER TABLE "billing_customers" ADD COLUMN "card_exp_year" integer;--> statement-breakpoint
ALTER TABLE "billing_customers" ADD COLUMN "invoice_name" text;--> statement-breakpoint
ALTER TABLE "billing_customers" ADD COLUMN "address" jsonb;--> statement-breakpoint
ALTER TABLE "billing_customers" ADD COLUMN "tax_ids" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "billing_drift" ADD CONSTRAINT "billing_drift_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "charges" ADD CONSTRAINT "charges_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invoice_lines" ADD CONSTRAINT "invoice_lines_invoice_id_invoices_id_fk" FOREIGN KEY ("invoice_id") REFERENCES "public"."invoices"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "meter_events" ADD CONSTRAINT "meter_events_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "overage_settings" ADD CONSTRAINT "overage_settings_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "overage_windows" ADD CONSTRAINT "overage_windows_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "billing_drift_open" ON "billing_drift" USING btree ("stripe_customer_id") WHERE "billing_drift"."fixed_at" is null;--> statement-breakpoint
CREATE INDEX "billing_drift_found" ON "billing_drift" USING btree ("found_at");--> statement-breakpoint
CREATE INDEX "charges_workspace" ON "charges" USING btree ("workspace_id","created_at");--> statement-breakpoint
CREATE INDEX "invoice_lines_invoice" ON "invoice_lines" USING btree ("invoice_id");--> statement-breakpoint
CREATE INDEX "meter_events_waiting" ON "meter_events" USING btree ("created_at") WHERE "meter_events"."sent_at" is null;--> statement-breakpoint
CREATE INDEX "meter_events_workspace" ON "meter_events" USING btree ("workspace_id","used_at");--> statement-breakpoint
CREATE UNIQUE INDEX "trials_workspace_key" ON "trials" USING btree ("workspace_id");--> statement-breakpoint
CREATE UNIQUE INDEX "trials_email_key" ON "trials" USING btree ("email_hash");--> statement-breakpoint
CREATE UNIQUE INDEX "trials_card_key" ON "trials" USING btree ("card_fingerprint");--> statement-breakpoint
ALTER TABLE "billing_customers" ADD CONSTRAINT "billing_customers_card" CHECK (num_nonnulls("billing_customers"."card_brand", "billing_customers"."card_last4", "billing_customers"."card_exp_month", "billing_customers"."card_exp_year") in (0, 4));