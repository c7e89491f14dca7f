-- The way back: files of chats are deleted. The messages stay, with the names of their files.
drop function if exists attachment_info(attachments);
drop table message_attachments, attachment_chunks, attachments;
