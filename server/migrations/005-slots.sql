-- 005: limits on how many runs of a workflow go on at once, and starts that wait for their turn.

-- Which limit a run counts towards (workflow and hash of the concurrency key); a reading of its spec, null without a limit.
alter table vp.runs add column slot text;
create index runs_slot on vp.runs (workspace, slot) where slot is not null and finished_at is null;

-- A matched event whose run waits until its slot is free. Its delivery holds the event; the version is the one that matched.
create table vp.queued_starts (
  workspace text not null references vp.workspaces,
  position bigint generated always as identity,
  slot text not null,
  delivery text not null,
  workflow text not null,
  version int not null,
  trigger int not null,
  queued_at bigint not null default vp.now_ms(),
  primary key (workspace, position),
  unique (workspace, delivery, workflow),
  foreign key (workspace, delivery) references vp.deliveries
);
create index queued_starts_slot on vp.queued_starts (workspace, slot, position);
select vp.tenant_table('vp.queued_starts');
grant select, insert, delete on vp.queued_starts to vp_app;

grant usage, create on schema vp to vp_lookup;
grant select on vp.queued_starts to vp_lookup;
create policy lookup on vp.queued_starts for select to vp_lookup using (true);
set local role vp_lookup;
-- Workspaces in which starts wait, for the sweep.
create function vp.starts_waiting() returns setof text language sql stable security definer set search_path = vp, pg_temp
  as $$ select distinct workspace from queued_starts $$;
reset role;
set local role vp_owner;
revoke create on schema vp from vp_lookup;
revoke execute on function vp.starts_waiting() from public;
grant execute on function vp.starts_waiting() to vp_app;
