-- 013: which programs used a runner's key before the one that said hello last; at most eight, the latest first.
-- One of them that works on has been overtaken by another program with the same key: it is refused, and people see an alarm.
alter table vp.runners add column former text[] not null default '{}';

grant usage, create on schema vp to vp_lookup;
set local role vp_lookup;
drop function vp.runner_of(text);
create function vp.runner_of(p_runner text) returns table (workspace text, key json, thumbprint text, state text, instance text) language sql stable security definer set search_path = vp, pg_temp
  as $$ select workspace, key, thumbprint, state, instance from runners where runner = p_runner $$;
reset role;
set local role vp_owner;
revoke create on schema vp from vp_lookup;
revoke execute on function vp.runner_of(text) from public;
grant execute on function vp.runner_of(text) to vp_app;
