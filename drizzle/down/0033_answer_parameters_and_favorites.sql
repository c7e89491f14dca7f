-- The way back: favorites and parameters are deleted, and receipts no longer say where a prompt began.
drop table chat_preferences;
--> statement-breakpoint
alter table conversations drop column parameters;
--> statement-breakpoint
alter table generations drop column first_message_id;
