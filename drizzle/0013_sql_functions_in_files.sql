CREATE TABLE "applied_functions" (
	"name" text PRIMARY KEY NOT NULL,
	"hash" text NOT NULL,
	"applied_at" timestamp (3) with time zone NOT NULL
);

--> statement-breakpoint
-- Neither the previous release nor this one calls these.
drop function start_generation(jsonb);
--> statement-breakpoint
drop function end_generation(jsonb);
