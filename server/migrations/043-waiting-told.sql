-- 043: a start that waits for its turn is told in the message that its run will keep: which run it will be is known from the beginning. `waiting`: what is so, turn or left; `waiting_shown`: what of that stands there.
alter table vp.queued_starts add column run text;
alter table vp.run_statuses drop constraint run_statuses_workspace_run_fkey;
alter table vp.run_statuses add column delivery text, add column waiting text, add column waiting_shown text;
grant usage, create on schema vp to vp_lookup;
set local role vp_lookup;
create or replace function vp.run_statuses_due(p_limit int) returns table (workspace text, run text) language sql stable security definer set search_path = vp, pg_temp
  as $$ select s.workspace, s.run from run_statuses s left join runs r on r.workspace = s.workspace and r.run = s.run
    where s.done_at is null and s.next_at <= vp.now_ms() and s.held_until <= vp.now_ms() and (r.seq > s.shown_seq or (r.run is null and s.waiting is distinct from s.waiting_shown)) order by s.next_at limit p_limit $$;
reset role;
set local role vp_owner;
revoke create on schema vp from vp_lookup;
