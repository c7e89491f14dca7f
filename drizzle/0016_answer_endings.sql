ALTER TABLE "generations" DROP CONSTRAINT "generations_status";--> statement-breakpoint
ALTER TABLE "messages" DROP CONSTRAINT "messages_status";--> statement-breakpoint
ALTER TABLE "generations" ADD CONSTRAINT "generations_status" CHECK ("generations"."status" in ('running', 'done', 'length', 'content_filter', 'stopped', 'failed', 'interrupted', 'out_of_credit'));--> statement-breakpoint
ALTER TABLE "messages" ADD CONSTRAINT "messages_status" CHECK ("messages"."status" in ('streaming', 'done', 'length', 'content_filter', 'stopped', 'failed', 'interrupted', 'out_of_credit'));
