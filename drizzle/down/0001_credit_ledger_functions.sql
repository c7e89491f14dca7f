drop function take_back(uuid, text, bigint, text, timestamptz);
--> statement-breakpoint
drop function expire_grants(uuid, timestamptz);
--> statement-breakpoint
drop function release_hold(uuid, uuid, timestamptz);
--> statement-breakpoint
drop function apply_settlement(uuid, uuid, jsonb, bigint, bigint, timestamptz);
--> statement-breakpoint
drop function gather_settlement(uuid, uuid, timestamptz);
--> statement-breakpoint
drop function take_hold(uuid, uuid, text, uuid, text, bigint, bigint, jsonb, timestamptz, timestamptz, jsonb);
--> statement-breakpoint
drop function grant_credit(uuid, uuid, text, bigint, timestamptz, timestamptz, text, timestamptz);
--> statement-breakpoint
-- Functions that newer versions of the others call stay until those are dropped.
drop function if exists write_due_grant(uuid, jsonb, timestamptz);
--> statement-breakpoint
drop function if exists pay_off_debts(uuid, uuid, timestamptz);
--> statement-breakpoint
drop function write_grant(uuid, uuid, text, bigint, timestamptz, timestamptz, text, timestamptz);
--> statement-breakpoint
drop function available_credit(uuid, timestamptz);
