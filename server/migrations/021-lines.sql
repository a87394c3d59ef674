-- 021: connections over which a tool tells by a line that we open: every process that works keeps one for each.
grant usage, create on schema vp to vp_lookup;
grant select on vp.connections to vp_lookup;
create policy lookup on vp.connections for select to vp_lookup using (true);
set local role vp_lookup;
create function vp.connections_of_tools(p_tools text[], p_limit int) returns table (workspace text, connection text, tool text, settings_at bigint) language sql stable security definer set search_path = vp, pg_temp
  as $$ select workspace, connection, tool, settings_at from connections where tool = any(p_tools) and removed_at is null order by created_at, connection limit p_limit $$;
reset role;
set local role vp_owner;
revoke create on schema vp from vp_lookup;
revoke execute on function vp.connections_of_tools(text[], int) from public;
grant execute on function vp.connections_of_tools(text[], int) to vp_app;
