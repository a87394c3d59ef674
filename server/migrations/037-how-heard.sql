-- 037: by which way a delivery came, when a tool was asked last, since when a line to it stands: a connection says how it is heard.
-- came: webhook; asked (found by asking); line (over a connection that we opened). Null: it came from here (by hand, a schedule, a sample), was refused at the door, or nobody knows any more.
alter table vp.deliveries add column came text check (came in ('webhook', 'asked', 'line'));
update vp.deliveries set came = case when provider_id like 'poll %' then 'asked' else 'webhook' end
  where source not in ('manual', 'schedule', 'sample') and provider_id not like 'refused:%' and (tool <> 'slack' or provider_id like 'poll %');
-- same_as: the delivery that told of the same event before.
alter table vp.deliveries add column same_as text;
update vp.deliveries set same_as = substring(verdict from '\((dlv_\w+)\)') where outcome = 'duplicate';
create index deliveries_by_way on vp.deliveries (workspace, source, came, received_at desc) where came is not null;
alter table vp.polls add column asked_at bigint;
alter table vp.connections add column line_at bigint;

drop function vp.deliveries_keep(text, text[], text[], text[], text[], int[], text[], text[], text[]);
-- Like it was (017), with the way that all of them came. What is found again by asking is no repeat: nobody sent it.
create function vp.deliveries_keep(p_workspace text, p_deliveries text[], p_sources text[], p_ids text[], p_bodies text[], p_times int[], p_tools text[], p_media text[], p_headers text[], p_came text) returns table (delivery text, source text, id text, fresh boolean)
language plpgsql set search_path = vp, pg_temp as $f$
#variable_conflict use_column
begin
  perform set_config('vp.workspace', p_workspace, true);
  return query
    insert into deliveries (workspace, delivery, source, provider_id, tool, media, headers, body, repeats, came)
      select p_workspace, v.delivery, v.source, v.id, v.tool, v.media, v.headers::json, convert_to(v.body, 'UTF8'), v.times - 1, p_came
        from unnest(p_deliveries, p_sources, p_ids, p_bodies, p_times, p_tools, p_media, p_headers) as v (delivery, source, id, body, times, tool, media, headers)
        where exists (select from sources s where s.workspace = p_workspace and s.source = v.source and s.removed_at is null)
      on conflict (workspace, source, provider_id) do update set repeats = deliveries.repeats + case when p_came = 'asked' then 0 else excluded.repeats + 1 end
      returning deliveries.delivery, deliveries.source, deliveries.provider_id, deliveries.xmax = 0;
end $f$;
revoke execute on function vp.deliveries_keep(text, text[], text[], text[], text[], int[], text[], text[], text[], text) from public;
grant execute on function vp.deliveries_keep(text, text[], text[], text[], text[], int[], text[], text[], text[], text) to vp_app;
