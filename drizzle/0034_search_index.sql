CREATE TABLE "search_messages" (
	"message_id" uuid PRIMARY KEY NOT NULL,
	"conversation_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"model" text,
	"row_version" bigint NOT NULL,
	"rules" smallint NOT NULL,
	"terms" "tsvector" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "search_progress" (
	"id" integer PRIMARY KEY DEFAULT 1 NOT NULL,
	"rules" smallint NOT NULL,
	"changed_in" bigint NOT NULL,
	"conversation_id" uuid NOT NULL,
	CONSTRAINT "search_progress_one_row" CHECK ("search_progress"."id" = 1)
);
--> statement-breakpoint
CREATE TABLE "search_titles" (
	"conversation_id" uuid PRIMARY KEY NOT NULL,
	"terms" "tsvector" NOT NULL
);
--> statement-breakpoint
DROP INDEX "messages_search";--> statement-breakpoint
ALTER TABLE "messages" ALTER COLUMN "search" DROP EXPRESSION;--> statement-breakpoint
ALTER TABLE "search_messages" ADD CONSTRAINT "search_messages_message_id_messages_id_fk" FOREIGN KEY ("message_id") REFERENCES "public"."messages"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "search_titles" ADD CONSTRAINT "search_titles_conversation_id_conversations_id_fk" FOREIGN KEY ("conversation_id") REFERENCES "public"."conversations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "search_messages_terms" ON "search_messages" USING gin ("terms") WITH (fastupdate=false);--> statement-breakpoint
CREATE INDEX "search_titles_terms" ON "search_titles" USING gin ("terms") WITH (fastupdate=false);--> statement-breakpoint
CREATE INDEX "conversations_changed_in" ON "conversations" USING btree ("changed_in","id");