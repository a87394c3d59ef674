-- 028: what is told of a run where its work came from: one message, changed as the run goes on. `shown`: the text that stands there. `nonce`: the buttons that decide in it carry this; taken once.
create table vp.run_statuses (
  workspace text not null,
  run text not null,
  tool text not null,
  target text not null,
  begun_at bigint,
  message text,
  shown text,
  shown_seq int not null default 0,
  failures int not null default 0,
  problem text,
  nonce text,
  next_at bigint not null default vp.now_ms(),
  held_until bigint not null default 0,
  done_at bigint,
  primary key (workspace, run),
  foreign key (workspace, run) references vp.runs
);
create index run_statuses_nonce on vp.run_statuses (workspace, nonce) where nonce is not null;
create index run_statuses_next on vp.run_statuses (next_at) where done_at is null;
select vp.tenant_table('vp.run_statuses');
grant select, insert, update on vp.run_statuses to vp_app;

grant usage, create on schema vp to vp_lookup;
grant select on vp.run_statuses to vp_lookup;
create policy lookup on vp.run_statuses for select to vp_lookup using (true);
set local role vp_lookup;
create function vp.run_statuses_due(p_limit int) returns table (workspace text, run text) language sql stable security definer set search_path = vp, pg_temp
  as $$ select s.workspace, s.run from run_statuses s join runs r on r.workspace = s.workspace and r.run = s.run
    where s.done_at is null and s.next_at <= vp.now_ms() and s.held_until <= vp.now_ms() and r.seq > s.shown_seq order by s.next_at limit p_limit $$;
reset role;
set local role vp_owner;
revoke create on schema vp from vp_lookup;
revoke execute on function vp.run_statuses_due(int) from public;
grant execute on function vp.run_statuses_due(int) to vp_app;
