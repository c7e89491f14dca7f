-- The way back: answers that ended at their limit or by a filter count as done again, and the logs of answers
-- with thinking are dropped, which earlier releases cannot read; their text is read from the message.
update generations set status = 'done' where status in ('length', 'content_filter');
--> statement-breakpoint
update messages set status = 'done' where status in ('length', 'content_filter');
--> statement-breakpoint
delete from generation_events where generation_id in (
  select generation_id from generation_events where event ->> 'type' = 'reasoning'
);
--> statement-breakpoint
ALTER TABLE "generations" DROP CONSTRAINT "generations_status";--> statement-breakpoint
ALTER TABLE "messages" DROP CONSTRAINT "messages_status";--> statement-breakpoint
ALTER TABLE "generations" ADD CONSTRAINT "generations_status" CHECK ("generations"."status" in ('running', 'done', 'stopped', 'failed', 'interrupted', 'out_of_credit'));--> statement-breakpoint
ALTER TABLE "messages" ADD CONSTRAINT "messages_status" CHECK ("messages"."status" in ('streaming', 'done', 'stopped', 'failed', 'interrupted', 'out_of_credit'));
