-- 027: effects that wait for a person, read from the facts; and effects counted by the hour.
create table vp.stuck_effects (workspace text not null references vp.workspaces, intent text not null, run text not null, since bigint not null, shown json not null, primary key (workspace, intent));
create index stuck_effects_since on vp.stuck_effects (workspace, since, intent);
create index stuck_effects_run on vp.stuck_effects (workspace, run);
select vp.tenant_table('vp.stuck_effects');
grant select, insert, update, delete on vp.stuck_effects to vp_app;

-- An effect is counted once, when it may begin; rows older than the hour mean nothing.
create table vp.counted_effects (workspace text not null references vp.workspaces, intent text not null, action text not null, workflow text not null, at bigint not null default vp.now_ms(), primary key (workspace, intent));
create index counted_effects_at on vp.counted_effects (workspace, action, at);
select vp.tenant_table('vp.counted_effects');
grant select, insert, update, delete on vp.counted_effects to vp_app;
