-- 036: which making of a thing a start was of, so that one act that a tool tells in several events starts a workflow once.

-- made, actor: when the thing was made and by whom, by its tool's word; null where the start is of no making, or came to nothing.
-- counts: false once a person let a held run go: what came before is not counted any more, and still known.
alter table vp.starts add column made bigint, add column actor text, add column delivery text, add column counts boolean not null default true;

-- How long an event that came is remembered (deliveries/seen.ts). keep: it tells no time of its own, and whoever recorded it could send it again for ever.
alter table vp.seen_events add column keep boolean not null default false;
update vp.seen_events set keep = true where tool in ('github', 'jira'); -- their times were not read when they came
drop index vp.seen_events_at;
create index seen_events_old on vp.seen_events (workspace, tool, at) where not keep;
-- Events of this tool that came before this moment may be forgotten: what says that it happened before it starts nothing.
create table vp.forgotten_events (
  workspace text not null references vp.workspaces,
  tool text not null,
  until bigint not null,
  primary key (workspace, tool)
);
select vp.tenant_table('vp.forgotten_events');
grant select, insert, update on vp.forgotten_events to vp_app;

-- Whether whoever's start waits may still start it could not be asked: since when, and when it is asked again. The starts behind it go on.
alter table vp.queued_starts add column unasked_since bigint, add column ask_at bigint;
grant update on vp.queued_starts to vp_app;
