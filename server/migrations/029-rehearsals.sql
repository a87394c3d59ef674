-- 029: runs of a sample event are told apart from real ones wherever runs are counted.
alter table vp.runs add column rehearsal boolean not null default false;
