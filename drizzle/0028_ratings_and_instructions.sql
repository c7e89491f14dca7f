CREATE TABLE "message_ratings" (
	"message_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"model" text NOT NULL,
	"rating" text NOT NULL,
	"reason" text,
	"rated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "message_ratings_message_id_user_id_pk" PRIMARY KEY("message_id","user_id"),
	CONSTRAINT "message_ratings_rating" CHECK ("message_ratings"."rating" in ('up', 'down')),
	CONSTRAINT "message_ratings_reason" CHECK ("message_ratings"."reason" is null or ("message_ratings"."rating" = 'down' and "message_ratings"."reason" in ('incorrect', 'incomplete', 'ignored', 'length', 'refused', 'other')))
);
--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "instruction" text;--> statement-breakpoint
ALTER TABLE "message_ratings" ADD CONSTRAINT "message_ratings_message_id_messages_id_fk" FOREIGN KEY ("message_id") REFERENCES "public"."messages"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "message_ratings" ADD CONSTRAINT "message_ratings_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "message_ratings_user" ON "message_ratings" USING btree ("user_id");--> statement-breakpoint
ALTER TABLE "messages" ADD CONSTRAINT "messages_instruction" CHECK ("messages"."instruction" in ('shorter', 'longer'));