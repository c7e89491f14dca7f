-- The way back: ratings are deleted, and answers keep their text without what they were asked to be.
alter table messages drop constraint messages_instruction;
--> statement-breakpoint
alter table messages drop column instruction;
--> statement-breakpoint
drop table message_ratings;
