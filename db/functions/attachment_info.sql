-- What messages and the chat page name of a file; lib/chat/files/attachment-info.ts has the same fields.
create or replace function attachment_info(p_file attachments) returns jsonb
language sql immutable as $$
  select jsonb_build_object('id', p_file.id, 'kind', p_file.kind, 'name', p_file.name, 'contentType', p_file.content_type,
    'bytes', p_file.bytes, 'width', p_file.width, 'height', p_file.height, 'pages', p_file.pages, 'tokens', p_file.tokens)
$$;
