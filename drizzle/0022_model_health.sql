CREATE TABLE "model_outages" (
	"upstream" text NOT NULL,
	"model" text NOT NULL,
	"reason" text NOT NULL,
	"since" timestamp (3) with time zone NOT NULL,
	"ends_at" timestamp (3) with time zone,
	"answered_at" timestamp (3) with time zone,
	"last_error" text NOT NULL,
	CONSTRAINT "model_outages_upstream_model_pk" PRIMARY KEY("upstream","model"),
	CONSTRAINT "model_outages_reason" CHECK ("model_outages"."reason" in ('key', 'credit', 'refused', 'unlisted')),
	CONSTRAINT "model_outages_end" CHECK (("model_outages"."reason" = 'unlisted') = ("model_outages"."ends_at" is null))
);
--> statement-breakpoint
CREATE TABLE "upstream_health" (
	"upstream" text PRIMARY KEY NOT NULL,
	"next_check_at" timestamp (3) with time zone NOT NULL,
	"checked_at" timestamp (3) with time zone,
	"latency_ms" integer,
	"lists_models" boolean,
	"failures" integer DEFAULT 0 NOT NULL,
	"outage" text,
	"since" timestamp (3) with time zone,
	"last_error" text,
	"last_error_at" timestamp (3) with time zone,
	"answered_at" timestamp (3) with time zone,
	CONSTRAINT "upstream_health_outage" CHECK ("upstream_health"."outage" in ('unreachable', 'key'))
);
