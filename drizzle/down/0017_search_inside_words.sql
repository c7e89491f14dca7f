alter table messages drop column search;
alter table messages add column search tsvector generated always as (to_tsvector('simple', left(content, 100000))) stored;
create index messages_search on messages using gin (search);
