-- 017: connections to outside tools: with what they are asked, what comes by them, which events were seen already.

-- sealed: all secrets of the connection as one JSON object, encrypted with the installation's key. account: who the tool says we are.
create table vp.connections (
  workspace text not null references vp.workspaces,
  connection text not null,
  tool text not null,
  name text not null,
  settings json not null default '{}',
  sealed text not null,
  account json,
  problem text,
  checked_at bigint,
  created_at bigint not null default vp.now_ms(),
  created_by text,
  removed_at bigint,
  primary key (workspace, connection)
);
create unique index connections_connection on vp.connections (connection);
create unique index connections_name on vp.connections (workspace, tool, name) where removed_at is null;
-- What a tool is asked about regularly: from where to go on, when next.
create table vp.polls (
  workspace text not null,
  connection text not null,
  stream text not null,
  cursor json,
  next_at bigint not null default vp.now_ms(),
  failures int not null default 0,
  problem text,
  primary key (workspace, connection, stream),
  foreign key (workspace, connection) references vp.connections on delete cascade
);
create index polls_next on vp.polls (next_at);
-- The same event may come by a webhook and by asking: it starts work once. event: its id as the tool's reader makes it.
create table vp.seen_events (
  workspace text not null references vp.workspaces,
  tool text not null,
  event text not null,
  delivery text not null,
  at bigint not null default vp.now_ms(),
  primary key (workspace, tool, event)
);
create index seen_events_at on vp.seen_events (workspace, at);
select vp.tenant_table('vp.connections'), vp.tenant_table('vp.polls'), vp.tenant_table('vp.seen_events');
grant select, insert, update on vp.connections to vp_app;
grant select, insert, update, delete on vp.polls, vp.seen_events to vp_app;

-- A connection has an address of its own for webhooks: a source whose kind is the tool.
alter table vp.sources add column connection text;

-- Where people reach this Viewport, as its replicas say when they start: what is written elsewhere links back to it.
alter table vp.installation add column address text;

grant usage, create on schema vp to vp_lookup;
grant select on vp.polls to vp_lookup;
create policy lookup on vp.polls for select to vp_lookup using (true);
set local role vp_lookup;
drop function vp.source_of(text);
create function vp.source_of(p_source text) returns table (workspace text, kind text, name text, sealed text, connection text) language sql stable security definer set search_path = vp, pg_temp
  as $$ select workspace, kind, name, sealed, connection from sources where source = p_source and removed_at is null $$;
create function vp.polls_due(p_limit int) returns table (workspace text, connection text, stream text) language sql stable security definer set search_path = vp, pg_temp
  as $$ select workspace, connection, stream from polls where next_at <= vp.now_ms() order by next_at limit p_limit $$;
reset role;
set local role vp_owner;
revoke create on schema vp from vp_lookup;
revoke execute on function vp.source_of(text), vp.polls_due(int) from public;
grant execute on function vp.source_of(text), vp.polls_due(int) to vp_app;

drop function vp.deliveries_store(text, text[], text[], text[], text[], int[]);
-- Like it was (006), with the tool, the media type and the few headers that a reader needs.
create function vp.deliveries_keep(p_workspace text, p_deliveries text[], p_sources text[], p_ids text[], p_bodies text[], p_times int[], p_tools text[], p_media text[], p_headers text[]) returns table (delivery text, source text, id text, fresh boolean)
language plpgsql set search_path = vp, pg_temp as $f$
#variable_conflict use_column
begin
  perform set_config('vp.workspace', p_workspace, true);
  return query
    insert into deliveries (workspace, delivery, source, provider_id, tool, media, headers, body, repeats)
      select p_workspace, v.delivery, v.source, v.id, v.tool, v.media, v.headers::json, convert_to(v.body, 'UTF8'), v.times - 1
        from unnest(p_deliveries, p_sources, p_ids, p_bodies, p_times, p_tools, p_media, p_headers) as v (delivery, source, id, body, times, tool, media, headers)
        where exists (select from sources s where s.workspace = p_workspace and s.source = v.source and s.removed_at is null)
      on conflict (workspace, source, provider_id) do update set repeats = deliveries.repeats + excluded.repeats + 1
      returning deliveries.delivery, deliveries.source, deliveries.provider_id, deliveries.xmax = 0;
end $f$;
revoke execute on function vp.deliveries_keep(text, text[], text[], text[], text[], int[], text[], text[], text[]) from public;
grant execute on function vp.deliveries_keep(text, text[], text[], text[], text[], int[], text[], text[], text[]) to vp_app;
