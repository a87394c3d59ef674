-- 049: of one workspace a few pieces of work are with the engine at a time; the others wait as rows that it was not told of. `p_stale`: told before then and not done,
-- `p_each` of a workspace at most; what it was not told of, as much as there is room for in `p_room`.
drop index vp.due_open;
create index due_told on vp.due (workspace, enqueued_at) where done_at is null and enqueued_at is not null;
create index due_untold on vp.due (workspace, at, key) where done_at is null and enqueued_at is null;
grant usage, create on schema vp to vp_lookup;
set local role vp_lookup;
drop function vp.due_waiting(bigint, int);
create function vp.due_waiting(p_stale bigint, p_each int, p_room int, p_but text[]) returns table (workspace text, kind text, key text, run text, at bigint, enqueued_at bigint) language sql stable security definer set search_path = vp, pg_temp
  as $$ select d.* from workspaces w cross join lateral (
      (select t.workspace, t.kind, t.key, t.run, t.at, t.enqueued_at from due t where t.workspace = w.workspace and t.done_at is null and t.enqueued_at < p_stale order by t.enqueued_at limit p_each)
      union all
      (select u.workspace, u.kind, u.key, u.run, u.at, u.enqueued_at from due u where u.workspace = w.workspace and u.done_at is null and u.enqueued_at is null and u.at <= vp.now_ms() order by u.at, u.key
        limit greatest(0, p_room - (select count(*) from due h where h.workspace = w.workspace and h.done_at is null and h.enqueued_at is not null)))
    ) d where w.workspace <> all(p_but) $$;
reset role;
set local role vp_owner;
revoke create on schema vp from vp_lookup;
revoke execute on function vp.due_waiting(bigint, int, int, text[]) from public;
grant execute on function vp.due_waiting(bigint, int, int, text[]) to vp_app;
