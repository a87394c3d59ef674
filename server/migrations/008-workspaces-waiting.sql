-- 008: the sweep finds every workspace in which deliveries wait, however many wait in one of them.
-- One index probe per workspace: before, the oldest thousand deliveries of all were read, and one workspace could hide the others.
grant usage, create on schema vp to vp_lookup;
set local role vp_lookup;
create or replace function vp.deliveries_waiting(p_before bigint, p_limit int) returns setof text language sql stable security definer set search_path = vp, pg_temp
  as $$ with recursive w as (
      (select workspace from deliveries where state = 'stored' order by workspace limit 1)
      union all
      select (select d.workspace from deliveries d where d.state = 'stored' and d.workspace > w.workspace order by d.workspace limit 1) from w where w.workspace is not null
    ) select w.workspace from w where w.workspace is not null and exists (select from deliveries d where d.workspace = w.workspace and d.state = 'stored' and d.received_at < p_before) limit p_limit $$;
reset role;
set local role vp_owner;
revoke create on schema vp from vp_lookup;
