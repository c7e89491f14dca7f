-- The way back: files that wait for their import are deleted. Imported chats stay.
drop table chat_import_chunks, chat_imports;
