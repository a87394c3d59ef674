-- 006: many deliveries of one workspace are stored in one round trip and one commit.

-- As the caller, under row-level security: the workspace is named first, for this transaction alone. Rows of sources that were
-- removed are left out. `p_times`: how often each came at once.
-- `fresh`: it was not there before (xmax is 0 for a row that this statement inserted).
create function vp.deliveries_store(p_workspace text, p_deliveries text[], p_sources text[], p_ids text[], p_bodies text[], p_times int[]) returns table (delivery text, source text, id text, fresh boolean)
language plpgsql set search_path = vp, pg_temp as $f$
#variable_conflict use_column
begin
  perform set_config('vp.workspace', p_workspace, true);
  return query
    insert into deliveries (workspace, delivery, source, provider_id, media, body, repeats)
      select p_workspace, v.delivery, v.source, v.id, 'application/json', convert_to(v.body, 'UTF8'), v.times - 1
        from unnest(p_deliveries, p_sources, p_ids, p_bodies, p_times) as v (delivery, source, id, body, times)
        where exists (select from sources s where s.workspace = p_workspace and s.source = v.source and s.removed_at is null)
      on conflict (workspace, source, provider_id) do update set repeats = deliveries.repeats + excluded.repeats + 1
      returning deliveries.delivery, deliveries.source, deliveries.provider_id, deliveries.xmax = 0;
end $f$;
revoke execute on function vp.deliveries_store(text, text[], text[], text[], text[], int[]) from public;
grant execute on function vp.deliveries_store(text, text[], text[], text[], text[], int[]) to vp_app;
