-- 046: bodies that are on the disk once for each thing that one report told of are kept once, too. A migration of its own: it locks rows, and no table.
do $f$
declare one text;
begin
  for one in select vp.workspace_ids() loop
    perform set_config('vp.workspace', one, true); -- rows are seen by their workspace alone
    with parts as materialized (
      select d.delivery, d.source, encode(sha256(d.own_body), 'hex') as digest from vp.deliveries d
        where d.workspace = one and d.own_body is not null and d.headers ->> 'viewport-part' is not null
    ), several as (
      select source, digest, min(delivery) as first from parts group by source, digest having count(*) > 1
    ), shared as (
      insert into vp.delivery_bodies (workspace, source, body)
        select one, d.source, d.own_body from several s join vp.deliveries d on d.workspace = one and d.delivery = s.first order by s.source, s.digest
        on conflict (workspace, source, digest) do nothing
    )
    update vp.deliveries d set own_body = null, body_digest = p.digest
      from parts p join several s on s.source = p.source and s.digest = p.digest where d.workspace = one and d.delivery = p.delivery;
  end loop;
  perform set_config('vp.workspace', '', true);
end $f$;
