CREATE TABLE "projects" (
	"id" uuid PRIMARY KEY NOT NULL,
	"workspace_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"name" text NOT NULL,
	"position" integer NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"deleted_at" timestamp (3) with time zone,
	"changed_in" bigint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
ALTER TABLE "conversations" ADD COLUMN "pinned_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "conversations" ADD COLUMN "archived_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "conversations" ADD COLUMN "project_id" uuid;--> statement-breakpoint
ALTER TABLE "conversations" ADD COLUMN "answered_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "conversations" ADD COLUMN "read_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "conversations" ADD COLUMN "changed_in" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "projects" ADD CONSTRAINT "projects_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "projects" ADD CONSTRAINT "projects_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "projects_owner" ON "projects" USING btree ("workspace_id","user_id");--> statement-breakpoint
ALTER TABLE "conversations" ADD CONSTRAINT "conversations_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "conversations_changes" ON "conversations" USING btree ("user_id","changed_in");--> statement-breakpoint
CREATE INDEX "conversations_pinned" ON "conversations" USING btree ("workspace_id","user_id","updated_at") WHERE "conversations"."pinned_at" is not null;--> statement-breakpoint
CREATE INDEX "conversations_archived" ON "conversations" USING btree ("workspace_id","user_id","updated_at") WHERE "conversations"."archived_at" is not null;--> statement-breakpoint
CREATE INDEX "conversations_project" ON "conversations" USING btree ("project_id","updated_at") WHERE "conversations"."project_id" is not null;
--> statement-breakpoint
-- Notes the transaction that changed a row and tells every process that the owner's list has changed; equal
-- notifications of a transaction are sent once. The channel: lib/chat/generation/readers/wake-bus.ts.
create function note_list_change() returns trigger language plpgsql as $$
begin
  new.changed_in := pg_current_xact_id()::text::bigint;
  perform pg_notify('parley_chat', 'list database ' || new.user_id);
  return new;
end $$;
--> statement-breakpoint
create trigger conversations_changed before insert or update on conversations
  for each row execute function note_list_change();
--> statement-breakpoint
create trigger projects_changed before insert or update on projects
  for each row execute function note_list_change();
--> statement-breakpoint
-- However a generation ends, its conversation has a new answer, which is unread until somebody has seen it.
create function note_answer_end() returns trigger language plpgsql as $$
begin
  update conversations set answered_at = new.ended_at where id = new.conversation_id;
  return null;
end $$;
--> statement-breakpoint
create trigger generations_ended after update of status on generations
  for each row when (old.status = 'running' and new.status <> 'running') execute function note_answer_end();
