-- The way back: what remains of temporary chats is deleted, which is no text; holds and ledger keep the amounts.
delete from generations where message_id is null;
--> statement-breakpoint
drop index generations_temporary;
--> statement-breakpoint
alter table generations alter column message_id set not null, drop column cached_tokens, drop column reasoning_tokens;
--> statement-breakpoint
drop index openai_interactions_conversation;
--> statement-breakpoint
alter table openai_interactions drop column conversation_id;
