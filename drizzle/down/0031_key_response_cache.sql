-- The way back: keys lose the setting; requests use the cache with the header only.
alter table api_keys drop column caches_answers;
