-- The way back: nothing is lost, answers cannot be started any more.
drop function start_generation(jsonb);
--> statement-breakpoint
drop function take_turn(text, integer, timestamptz);
