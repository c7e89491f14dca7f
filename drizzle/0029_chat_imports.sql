CREATE TABLE "chat_import_chunks" (
	"import_id" uuid NOT NULL,
	"seq" integer NOT NULL,
	"bytes" "bytea" NOT NULL,
	CONSTRAINT "chat_import_chunks_import_id_seq_pk" PRIMARY KEY("import_id","seq")
);
--> statement-breakpoint
CREATE TABLE "chat_imports" (
	"id" uuid PRIMARY KEY NOT NULL,
	"workspace_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"status" text DEFAULT 'uploading' NOT NULL,
	"file_name" text NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"added" integer DEFAULT 0 NOT NULL,
	"updated" integer DEFAULT 0 NOT NULL,
	"unchanged" integer DEFAULT 0 NOT NULL,
	"skipped" integer DEFAULT 0 NOT NULL,
	"problem" text,
	"requested_at" timestamp (3) with time zone NOT NULL,
	"completed_at" timestamp (3) with time zone,
	CONSTRAINT "chat_imports_status" CHECK ("chat_imports"."status" in ('uploading', 'waiting', 'running', 'done', 'failed')),
	CONSTRAINT "chat_imports_failed" CHECK ("chat_imports"."status" <> 'failed' or "chat_imports"."problem" is not null)
);
--> statement-breakpoint
ALTER TABLE "chat_import_chunks" ADD CONSTRAINT "chat_import_chunks_import_id_chat_imports_id_fk" FOREIGN KEY ("import_id") REFERENCES "public"."chat_imports"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "chat_imports" ADD CONSTRAINT "chat_imports_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "chat_imports" ADD CONSTRAINT "chat_imports_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "chat_imports_open" ON "chat_imports" USING btree ("user_id") WHERE "chat_imports"."status" in ('uploading', 'waiting', 'running');--> statement-breakpoint
CREATE INDEX "chat_imports_user" ON "chat_imports" USING btree ("user_id","requested_at");--> statement-breakpoint
CREATE INDEX "chat_imports_workspace" ON "chat_imports" USING btree ("workspace_id");