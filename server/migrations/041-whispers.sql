-- 041: what is said to one person alone whose words began nothing: one row per account, so that nobody hears it more often than once a day. `begun_at`: it is being said, or was; it cannot be looked for, so it is not said again.
create table vp.whispers (
  workspace text not null,
  connection text not null,
  account text not null,
  delivery text not null,
  place text not null,
  reason text not null,
  known boolean not null,
  asked_at bigint not null default vp.now_ms(),
  next_at bigint not null default vp.now_ms(),
  begun_at bigint,
  done_at bigint,
  problem text,
  primary key (workspace, connection, account)
);
create index whispers_next on vp.whispers (next_at) where begun_at is null and done_at is null;
select vp.tenant_table('vp.whispers');
grant select, insert, update, delete on vp.whispers to vp_app;

grant usage, create on schema vp to vp_lookup;
grant select on vp.whispers to vp_lookup;
create policy lookup on vp.whispers for select to vp_lookup using (true);
set local role vp_lookup;
create function vp.whispers_due(p_limit int) returns table (workspace text, connection text, account text) language sql stable security definer set search_path = vp, pg_temp
  as $$ select w.workspace, w.connection, w.account from whispers w where w.begun_at is null and w.done_at is null and w.next_at <= vp.now_ms() order by w.next_at limit p_limit $$;
reset role;
set local role vp_owner;
revoke create on schema vp from vp_lookup;
revoke execute on function vp.whispers_due(int) from public;
grant execute on function vp.whispers_due(int) to vp_app;
