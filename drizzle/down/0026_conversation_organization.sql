drop trigger generations_ended on generations;
drop function note_answer_end();
drop trigger conversations_changed on conversations;
drop index conversations_changes;
drop index conversations_pinned;
drop index conversations_archived;
drop index conversations_project;
alter table conversations drop column pinned_at, drop column archived_at, drop column project_id,
  drop column answered_at, drop column read_at, drop column changed_in;
drop table projects;
drop function note_list_change();
