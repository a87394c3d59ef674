-- 014: who asks for work is looked up with the pool it works in, so that only those are woken for whom work may be.
grant usage, create on schema vp to vp_lookup;
set local role vp_lookup;
drop function vp.runner_of(text);
create function vp.runner_of(p_runner text) returns table (workspace text, key json, thumbprint text, state text, instance text, pool text) language sql stable security definer set search_path = vp, pg_temp
  as $$ select workspace, key, thumbprint, state, instance, pool from runners where runner = p_runner $$;
reset role;
set local role vp_owner;
revoke create on schema vp from vp_lookup;
revoke execute on function vp.runner_of(text) from public;
grant execute on function vp.runner_of(text) to vp_app;
