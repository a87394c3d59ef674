-- 042: the secret of a webhook address, or of a connection's webhook, is changed while its sender still signs with the one before.

-- Raised whenever it changes what may sign: what a program remembers of a source's secrets is good only while this is the same.
alter table vp.sources add column signing int not null default 1;
-- Secrets of before that are taken until a moment. secret: the number that `signing` had while it was in force. sealed: for a source its secret, for a
-- connection's address the one field of the connection that signs.
create table vp.old_secrets (
  workspace text not null,
  source text not null,
  secret int not null,
  sealed text not null,
  since bigint not null default vp.now_ms(),
  until bigint not null,
  primary key (workspace, source, secret),
  foreign key (workspace, source) references vp.sources on delete cascade
);
select vp.tenant_table('vp.old_secrets');
grant select, insert, delete on vp.old_secrets to vp_app;

-- Which secret of before signed it; null: the one in force, or none at all.
alter table vp.deliveries add column old_secret int;
create index deliveries_by_old_secret on vp.deliveries (workspace, source, old_secret, received_at desc) where old_secret is not null;

grant usage, create on schema vp to vp_lookup;
grant select on vp.old_secrets to vp_lookup;
create policy lookup on vp.old_secrets for select to vp_lookup using (true);
set local role vp_lookup;
drop function vp.source_of(text);
-- Like it was (017), with the secrets of before that are still taken, the newest first.
create function vp.source_of(p_source text) returns table (workspace text, kind text, name text, sealed text, connection text, signing int, old json) language sql stable security definer set search_path = vp, pg_temp
  as $$ select workspace, kind, name, sealed, connection, signing,
      (select coalesce(json_agg(json_build_object('secret', o.secret, 'sealed', o.sealed, 'until', o.until) order by o.secret desc), '[]'::json)
        from old_secrets o where o.workspace = s.workspace and o.source = s.source and o.until > vp.now_ms())
    from sources s where source = p_source and removed_at is null $$;
reset role;
set local role vp_owner;
revoke create on schema vp from vp_lookup;
revoke execute on function vp.source_of(text) from public;
grant execute on function vp.source_of(text) to vp_app;

drop function vp.deliveries_keep(text, text[], text[], text[], text[], int[], text[], text[], text[], text);
-- Like it was (037), with what signed: `p_signing` is what `sources.signing` was when the signature was judged (null: nothing was signed), and what was
-- judged by another one is left out. `p_old`: the secret of before that signed.
create function vp.deliveries_keep(p_workspace text, p_deliveries text[], p_sources text[], p_ids text[], p_bodies text[], p_times int[], p_tools text[], p_media text[], p_headers text[], p_came text, p_signing int[], p_old int[]) returns table (delivery text, source text, id text, fresh boolean)
language plpgsql set search_path = vp, pg_temp as $f$
#variable_conflict use_column
begin
  perform set_config('vp.workspace', p_workspace, true);
  return query
    insert into deliveries (workspace, delivery, source, provider_id, tool, media, headers, body, repeats, came, old_secret)
      select p_workspace, v.delivery, v.source, v.id, v.tool, v.media, v.headers::json, convert_to(v.body, 'UTF8'), v.times - 1, p_came, v.old
        from unnest(p_deliveries, p_sources, p_ids, p_bodies, p_times, p_tools, p_media, p_headers, p_signing, p_old) as v (delivery, source, id, body, times, tool, media, headers, signing, old)
        where exists (select from sources s where s.workspace = p_workspace and s.source = v.source and s.removed_at is null and (v.signing is null or v.signing = s.signing))
      on conflict (workspace, source, provider_id) do update set repeats = deliveries.repeats + case when p_came = 'asked' then 0 else excluded.repeats + 1 end
      returning deliveries.delivery, deliveries.source, deliveries.provider_id, deliveries.xmax = 0;
end $f$;
revoke execute on function vp.deliveries_keep(text, text[], text[], text[], text[], int[], text[], text[], text[], text, int[], int[]) from public;
grant execute on function vp.deliveries_keep(text, text[], text[], text[], text[], int[], text[], text[], text[], text, int[], int[]) to vp_app;
