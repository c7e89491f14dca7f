drop table response_cache;
