ALTER TABLE "generations" ALTER COLUMN "message_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "generations" ADD COLUMN "cached_tokens" integer;--> statement-breakpoint
ALTER TABLE "generations" ADD COLUMN "reasoning_tokens" integer;--> statement-breakpoint
ALTER TABLE "openai_interactions" ADD COLUMN "conversation_id" uuid;--> statement-breakpoint
CREATE INDEX "generations_temporary" ON "generations" USING btree ("workspace_id") WHERE "generations"."message_id" is null;--> statement-breakpoint
CREATE INDEX "openai_interactions_conversation" ON "openai_interactions" USING btree ("conversation_id") WHERE "openai_interactions"."conversation_id" is not null;