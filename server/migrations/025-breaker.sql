-- 025: how often the same thing started a workflow, and what runs touched outside, so that runs which wake each other are seen.

-- subject: a digest of the tool and its own name of the thing. run: null while the start waits in a queue. chain: how many runs woke each other before it.
create table vp.starts (
  workspace text not null references vp.workspaces,
  start bigint generated always as identity,
  workflow text not null,
  subject text not null,
  run text,
  chain int not null,
  at bigint not null default vp.now_ms(),
  primary key (workspace, start)
);
create index starts_subject on vp.starts (workspace, workflow, subject, at);
create index starts_run on vp.starts (workspace, run);
create index starts_at on vp.starts (workspace, at);
-- A workflow that rests for a subject: the run that waits for a person, and until when nothing more starts.
create table vp.breakers (
  workspace text not null references vp.workspaces,
  workflow text not null,
  subject text not null,
  run text not null,
  until bigint not null,
  primary key (workspace, workflow, subject)
);
-- Things outside (by their tool's name of them) that effects of runs touched last.
create table vp.touched (
  workspace text not null references vp.workspaces,
  tool text not null,
  ref text not null,
  run text not null,
  at bigint not null default vp.now_ms(),
  primary key (workspace, tool, ref, run)
);
create index touched_at on vp.touched (workspace, at);
select vp.tenant_table('vp.starts'), vp.tenant_table('vp.breakers'), vp.tenant_table('vp.touched');
grant select, insert, update, delete on vp.starts, vp.breakers, vp.touched to vp_app;
