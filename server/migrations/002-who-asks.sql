-- 002: who asks, in one look-up per request; sessions that change their secret while they live.

-- The word that pages send with every change (csrf); it stays when the session's secret is exchanged, so that an open page goes on.
alter table vp.sessions add column csrf text not null default '';

grant usage, create on schema vp to vp_lookup;
grant select on vp.team_members, vp.teams to vp_lookup;
create policy lookup on vp.team_members for select to vp_lookup using (true);
create policy lookup on vp.teams for select to vp_lookup using (true);

set local role vp_lookup;

-- The person behind a session's or a token's hash with role and teams as they are now. No row: unknown, expired, revoked, or a person who is not active any more.
create function vp.asker_of_session(p_hash text) returns table (workspace text, person text, handle text, name text, role text, teams text[], csrf text, created_at bigint, seen_at bigint, now bigint) language sql stable security definer set search_path = vp, pg_temp
  as $$ select s.workspace, s.person, p.handle, p.name, p.role,
      array(select t.slug from team_members m join teams t on t.workspace = m.workspace and t.team = m.team where m.workspace = s.workspace and m.person = s.person order by t.slug),
      s.csrf, s.created_at, s.seen_at, now_ms()
    from sessions s join people p using (workspace, person) where s.hash = p_hash and s.expires_at > now_ms() and p.active $$;
create function vp.asker_of_token(p_hash text) returns table (workspace text, token text, person text, handle text, name text, role text, teams text[], used_at bigint, now bigint) language sql stable security definer set search_path = vp, pg_temp
  as $$ select k.workspace, k.token, k.person, p.handle, p.name, p.role,
      array(select t.slug from team_members m join teams t on t.workspace = m.workspace and t.team = m.team where m.workspace = k.workspace and m.person = k.person order by t.slug),
      k.used_at, now_ms()
    from api_tokens k join people p using (workspace, person) where k.hash = p_hash and k.expires_at > now_ms() and k.revoked_at is null and p.active $$;
-- Whose link this is, without taking it: the transaction that opens the session takes it inside its workspace.
create function vp.sign_in_link_of(p_hash text) returns table (workspace text) language sql stable security definer set search_path = vp, pg_temp
  as $$ select l.workspace from sign_in_links l where l.hash = p_hash and l.used_at is null and l.expires_at > now_ms() $$;

reset role;
set local role vp_owner;
revoke create on schema vp from vp_lookup;
revoke execute on function vp.asker_of_session(text), vp.asker_of_token(text), vp.sign_in_link_of(text) from public;
grant execute on function vp.asker_of_session(text), vp.asker_of_token(text), vp.sign_in_link_of(text) to vp_app;
