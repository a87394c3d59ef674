-- 024: pull requests that runs opened and that are looked at regularly: one row while there may be something to see.

-- ref: the thing as its tool names it (acme/shop#12). home: before the # of it, so that news of a commit finds it. state: as it was seen last.
create table vp.watches (
  workspace text not null references vp.workspaces,
  run text not null,
  tool text not null,
  ref text not null,
  home text not null,
  head text,
  state text not null,
  next_at bigint not null default vp.now_ms(),
  -- Nobody else looks until then.
  held_until bigint not null default 0,
  failures int not null default 0,
  problem text,
  seen_at bigint,
  moved_at bigint not null default vp.now_ms(),
  primary key (workspace, run),
  foreign key (workspace, run) references vp.runs on delete cascade
);
create index watches_next on vp.watches (next_at);
create index watches_ref on vp.watches (workspace, tool, ref);
create index watches_home on vp.watches (workspace, tool, home);
select vp.tenant_table('vp.watches');
grant select, insert, update, delete on vp.watches to vp_app;

grant usage, create on schema vp to vp_lookup;
grant select on vp.watches to vp_lookup;
create policy lookup on vp.watches for select to vp_lookup using (true);
set local role vp_lookup;
create function vp.watches_due(p_limit int) returns table (workspace text, run text) language sql stable security definer set search_path = vp, pg_temp
  as $$ select workspace, run from watches where next_at <= vp.now_ms() and held_until <= vp.now_ms() order by next_at limit p_limit $$;
reset role;
set local role vp_owner;
revoke create on schema vp from vp_lookup;
revoke execute on function vp.watches_due(int) from public;
grant execute on function vp.watches_due(int) to vp_app;
