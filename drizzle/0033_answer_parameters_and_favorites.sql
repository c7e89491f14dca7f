CREATE TABLE "chat_preferences" (
	"user_id" uuid PRIMARY KEY NOT NULL,
	"favorite_models" text[] DEFAULT '{}' NOT NULL,
	"parameters" jsonb
);
--> statement-breakpoint
ALTER TABLE "conversations" ADD COLUMN "parameters" jsonb;--> statement-breakpoint
ALTER TABLE "generations" ADD COLUMN "first_message_id" uuid;--> statement-breakpoint
ALTER TABLE "chat_preferences" ADD CONSTRAINT "chat_preferences_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;