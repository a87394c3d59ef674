-- 045: a body that several deliveries bring is kept once. It was kept with each of them: a report that told of 21 things was on the disk 21 times.

-- By its digest, within the address that it came to. The digest is the database's own reckoning, so that no writer can keep one body under the digest of another.
create table vp.delivery_bodies (
  workspace text not null references vp.workspaces,
  source text not null,
  digest text not null generated always as (encode(sha256(body), 'hex')) stored,
  body bytea not null,
  primary key (workspace, source, digest)
);
select vp.tenant_table('vp.delivery_bodies');
-- A body never changes and the application removes none. `source` only so that a row may be locked; what refers to it keeps it where it is.
grant select, insert, update (source) on vp.delivery_bodies to vp_app;

-- own_body: kept with the delivery alone, as all of them were. body_digest: kept in vp.delivery_bodies. The new name stops a program of before, which would
-- take a delivery without a body of its own for a broken one.
alter table vp.deliveries rename column body to own_body;
alter table vp.deliveries add constraint deliveries_one_body check (own_body is null or body_digest is null);
alter table vp.deliveries add constraint deliveries_body foreign key (workspace, source, body_digest) references vp.delivery_bodies;
create index deliveries_by_body on vp.deliveries (workspace, source, body_digest) where body_digest is not null;

-- A body goes with the last delivery that needs it. It is locked first: whoever brings the same bytes at this moment is waited for, and seen by the statement after.
create function vp.body_left() returns trigger language plpgsql set search_path = vp, pg_temp as $f$
begin
  perform from delivery_bodies b where b.workspace = old.workspace and b.source = old.source and b.digest = old.body_digest for update;
  delete from delivery_bodies b where b.workspace = old.workspace and b.source = old.source and b.digest = old.body_digest
    and not exists (select from deliveries d where d.workspace = b.workspace and d.source = b.source and d.body_digest = b.digest);
  return null;
end $f$;
revoke execute on function vp.body_left() from public;
create trigger body_left after delete or update of body_digest, source, workspace on vp.deliveries for each row when (old.body_digest is not null) execute function vp.body_left();

drop function vp.deliveries_keep(text, text[], text[], text[], text[], int[], text[], text[], text[], text, int[], int[]);
-- Like it was (042), but each body comes once: `p_body` is the place in `p_bodies` (from 1) of what a delivery brings. `p_shared`: others bring the same, so it
-- is kept by its digest. Nothing is kept of a delivery that was there already. Bodies are held until the end, in one order, so that none of them goes meanwhile
-- and two who bring the same ones do not wait for each other.
create function vp.deliveries_keep(p_workspace text, p_bodies text[], p_deliveries text[], p_sources text[], p_ids text[], p_body int[], p_shared boolean[], p_times int[], p_tools text[], p_media text[], p_headers text[], p_came text, p_signing int[], p_old int[]) returns table (delivery text, source text, id text, fresh boolean)
language plpgsql set search_path = vp, pg_temp as $f$
#variable_conflict use_column
begin
  perform set_config('vp.workspace', p_workspace, true);
  return query
    with given as (
      select * from unnest(p_deliveries, p_sources, p_ids, p_body, p_shared, p_times, p_tools, p_media, p_headers, p_signing, p_old) as v (delivery, source, id, body, shared, times, tool, media, headers, signing, old)
    ), parts as materialized (
      select source, id, body from given where shared
    ), bodies as materialized (
      select b.place, convert_to(b.words, 'UTF8') as bytes, encode(sha256(convert_to(b.words, 'UTF8')), 'hex') as digest
        from unnest(p_bodies) with ordinality as b (words, place) where b.place in (select body from parts)
    ), kept as (
      insert into deliveries (workspace, delivery, source, provider_id, tool, media, headers, own_body, body_digest, repeats, came, old_secret)
        select p_workspace, v.delivery, v.source, v.id, v.tool, v.media, v.headers::json, case when not v.shared then convert_to(p_bodies[v.body], 'UTF8') end, b.digest, v.times - 1, p_came, v.old
          from given v left join bodies b on v.shared and b.place = v.body
          where exists (select from sources s where s.workspace = p_workspace and s.source = v.source and s.removed_at is null and (v.signing is null or v.signing = s.signing))
        on conflict (workspace, source, provider_id) do update set repeats = deliveries.repeats + case when p_came = 'asked' then 0 else excluded.repeats + 1 end
        returning deliveries.delivery, deliveries.source, deliveries.provider_id, deliveries.xmax = 0 as fresh
    ), needed as (
      select v.source, b.digest, min(b.place) as place from parts v join kept k on k.fresh and k.source = v.source and k.provider_id = v.id join bodies b on b.place = v.body
        group by v.source, b.digest
    ), shared as (
      insert into delivery_bodies (workspace, source, body)
        select p_workspace, n.source, b.bytes from needed n join bodies b on b.place = n.place order by n.source, n.digest
        on conflict (workspace, source, digest) do update set source = excluded.source
    )
    select k.delivery, k.source, k.provider_id, k.fresh from kept k;
end $f$;
revoke execute on function vp.deliveries_keep(text, text[], text[], text[], text[], int[], boolean[], int[], text[], text[], text[], text, int[], int[]) from public;
grant execute on function vp.deliveries_keep(text, text[], text[], text[], text[], int[], boolean[], int[], text[], text[], text[], text, int[], int[]) to vp_app;
