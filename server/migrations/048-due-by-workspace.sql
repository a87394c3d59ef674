-- 048: what is due is looked up workspace by workspace, a few rows of each: the oldest of all would be those of one workspace that has many, and the others would wait.
-- One index probe per workspace, so a look costs the same however much waits in one. `p_but`: workspaces, or WORKSPACE and what else makes a lane, that are at work already.
drop index vp.polls_next;
create index polls_next on vp.polls (workspace, next_at);
drop index vp.watches_next;
create index watches_next on vp.watches (workspace, next_at);
drop index vp.run_statuses_next;
create index run_statuses_next on vp.run_statuses (workspace, next_at) where done_at is null;
drop index vp.whispers_next;
create index whispers_next on vp.whispers (workspace, next_at) where begun_at is null and done_at is null;
drop index vp.schedules_next;
create index schedules_next on vp.schedules (workspace, next_at);
drop index vp.gates_timed;
create index gates_timed on vp.gates (workspace, least(expires_at, remind_at)) where state = 'open' and (expires_at is not null or remind_at is not null);
drop index vp.leases_live;
create index leases_live on vp.leases (workspace, expires_at) where state in ('offered', 'held');
drop index vp.runners_online;
create index runners_online on vp.runners (workspace, seen_at) where online;
drop index vp.runs_cancelling;
create index runs_cancelling on vp.runs (workspace, cancelling_at) where cancelling_at is not null and finished_at is null;

grant usage, create on schema vp to vp_lookup;
set local role vp_lookup;
drop function vp.polls_due(int), vp.watches_due(int), vp.run_statuses_due(int), vp.whispers_due(int), vp.schedules_due(int), vp.gates_over(int), vp.leases_over(int), vp.runners_silent(bigint, int), vp.runs_cancelling(bigint, int);
create function vp.polls_due(p_each int, p_but text[]) returns table (workspace text, connection text, stream text) language sql stable security definer set search_path = vp, pg_temp
  as $$ select d.* from workspaces w cross join lateral (select p.workspace, p.connection, p.stream from polls p
    where p.workspace = w.workspace and p.next_at <= vp.now_ms() and p.workspace || ' ' || p.connection <> all(p_but) order by p.next_at limit p_each) d $$;
create function vp.watches_due(p_each int, p_but text[]) returns table (workspace text, run text, tool text) language sql stable security definer set search_path = vp, pg_temp
  as $$ select d.* from workspaces w cross join lateral (select a.workspace, a.run, a.tool from watches a
    where a.workspace = w.workspace and a.next_at <= vp.now_ms() and a.held_until <= vp.now_ms() and a.workspace || ' ' || a.tool <> all(p_but) order by a.next_at limit p_each) d $$;
create function vp.run_statuses_due(p_each int, p_but text[]) returns table (workspace text, run text, tool text) language sql stable security definer set search_path = vp, pg_temp
  as $$ select d.* from workspaces w cross join lateral (select s.workspace, s.run, s.tool from run_statuses s left join runs r on r.workspace = s.workspace and r.run = s.run
    where s.workspace = w.workspace and s.done_at is null and s.next_at <= vp.now_ms() and s.held_until <= vp.now_ms() and s.workspace || ' ' || s.tool <> all(p_but)
      and (r.seq > s.shown_seq or (r.run is null and s.waiting is distinct from s.waiting_shown)) order by s.next_at limit p_each) d $$;
create function vp.whispers_due(p_each int, p_but text[]) returns table (workspace text, connection text, account text) language sql stable security definer set search_path = vp, pg_temp
  as $$ select d.* from workspaces w cross join lateral (select h.workspace, h.connection, h.account from whispers h
    where h.workspace = w.workspace and h.begun_at is null and h.done_at is null and h.next_at <= vp.now_ms() and h.workspace || ' ' || h.connection <> all(p_but) order by h.next_at limit p_each) d $$;
create function vp.schedules_due(p_each int, p_but text[]) returns table (workspace text, workflow text, trigger int) language sql stable security definer set search_path = vp, pg_temp
  as $$ select d.* from workspaces w cross join lateral (select s.workspace, s.workflow, s.trigger from schedules s
    where s.workspace = w.workspace and s.next_at <= vp.now_ms() order by s.next_at limit p_each) d where w.workspace <> all(p_but) $$;
create function vp.gates_over(p_each int, p_but text[]) returns table (workspace text, run text, gate text) language sql stable security definer set search_path = vp, pg_temp
  as $$ select d.* from workspaces w cross join lateral (select g.workspace, g.run, g.gate from gates g
    where g.workspace = w.workspace and g.state = 'open' and (g.expires_at is not null or g.remind_at is not null) and least(g.expires_at, g.remind_at) <= vp.now_ms() order by least(g.expires_at, g.remind_at) limit p_each) d where w.workspace <> all(p_but) $$;
create function vp.leases_over(p_each int, p_but text[]) returns table (workspace text, lease text) language sql stable security definer set search_path = vp, pg_temp
  as $$ select d.* from workspaces w cross join lateral (select l.workspace, l.lease from leases l
    where l.workspace = w.workspace and l.state in ('offered', 'held') and l.expires_at < vp.now_ms() order by l.expires_at limit p_each) d where w.workspace <> all(p_but) $$;
create function vp.runners_silent(p_since bigint, p_each int, p_but text[]) returns table (workspace text, runner text) language sql stable security definer set search_path = vp, pg_temp
  as $$ select d.* from workspaces w cross join lateral (select r.workspace, r.runner from runners r
    where r.workspace = w.workspace and r.online and r.seen_at < p_since order by r.seen_at limit p_each) d where w.workspace <> all(p_but) $$;
create function vp.runs_cancelling(p_before bigint, p_each int, p_but text[]) returns table (workspace text, run text) language sql stable security definer set search_path = vp, pg_temp
  as $$ select d.* from workspaces w cross join lateral (select r.workspace, r.run from runs r
    where r.workspace = w.workspace and r.cancelling_at < p_before and r.finished_at is null order by r.cancelling_at limit p_each) d where w.workspace <> all(p_but) $$;
-- Of the connections that may have a line each workspace's first ones come first: five hundred of one would leave none to the others.
create or replace function vp.connections_of_tools(p_tools text[], p_limit int) returns table (workspace text, connection text, tool text, settings_at bigint) language sql stable security definer set search_path = vp, pg_temp
  as $$ select workspace, connection, tool, settings_at from (select c.*, row_number() over (partition by c.workspace order by c.created_at, c.connection) as place from connections c where c.tool = any(p_tools) and c.removed_at is null) c
    order by place, created_at, connection limit p_limit $$;
reset role;
set local role vp_owner;
revoke create on schema vp from vp_lookup;
revoke execute on function vp.polls_due(int, text[]), vp.watches_due(int, text[]), vp.run_statuses_due(int, text[]), vp.whispers_due(int, text[]), vp.schedules_due(int, text[]), vp.gates_over(int, text[]), vp.leases_over(int, text[]), vp.runners_silent(bigint, int, text[]), vp.runs_cancelling(bigint, int, text[]) from public;
grant execute on function vp.polls_due(int, text[]), vp.watches_due(int, text[]), vp.run_statuses_due(int, text[]), vp.whispers_due(int, text[]), vp.schedules_due(int, text[]), vp.gates_over(int, text[]), vp.leases_over(int, text[]), vp.runners_silent(bigint, int, text[]), vp.runs_cancelling(bigint, int, text[]) to vp_app;
