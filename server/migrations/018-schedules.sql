-- 018: when the next start by the clock is: one row per schedule of an enabled workflow.
create table vp.schedules (
  workspace text not null references vp.workspaces,
  workflow text not null,
  trigger int not null,
  cron text not null,
  timezone text not null,
  next_at bigint not null,
  primary key (workspace, workflow, trigger),
  foreign key (workspace, workflow) references vp.workflows
);
create index schedules_next on vp.schedules (next_at);
select vp.tenant_table('vp.schedules');
grant select, insert, update, delete on vp.schedules to vp_app;

grant usage, create on schema vp to vp_lookup;
grant select on vp.schedules to vp_lookup;
create policy lookup on vp.schedules for select to vp_lookup using (true);
set local role vp_lookup;
create function vp.schedules_due(p_limit int) returns table (workspace text, workflow text, trigger int) language sql stable security definer set search_path = vp, pg_temp
  as $$ select workspace, workflow, trigger from schedules where next_at <= vp.now_ms() order by next_at limit p_limit $$;
reset role;
set local role vp_owner;
revoke create on schema vp from vp_lookup;
revoke execute on function vp.schedules_due(int) from public;
grant execute on function vp.schedules_due(int) to vp_app;
