-- 031: what vouches for whoever decides: a person's own sign-in, or a token that lies somewhere.

-- `local`: the token of the commands of the control plane's own machine. `by_token`: what vouched when a link was made or a session began with
-- one: null (the program itself, or a signed-in person), 'token', or 'local'. It goes on from link to session and to what a session makes.
alter table vp.api_tokens add column local boolean not null default false;
alter table vp.sign_in_links add column by_token text check (by_token in ('token', 'local'));
alter table vp.sessions add column by_token text check (by_token in ('token', 'local'));

grant usage, create on schema vp to vp_lookup;
set local role vp_lookup;
drop function vp.asker_of_session(text);
drop function vp.asker_of_token(text);
create function vp.asker_of_session(p_hash text) returns table (workspace text, person text, handle text, name text, role text, teams text[], csrf text, by_token text, created_at bigint, seen_at bigint, now bigint) language sql stable security definer set search_path = vp, pg_temp
  as $$ select s.workspace, s.person, p.handle, p.name, p.role,
      array(select t.slug from team_members m join teams t on t.workspace = m.workspace and t.team = m.team where m.workspace = s.workspace and m.person = s.person order by t.slug),
      s.csrf, s.by_token, s.created_at, s.seen_at, now_ms()
    from sessions s join people p using (workspace, person) where s.hash = p_hash and s.expires_at > now_ms() and p.active $$;
create function vp.asker_of_token(p_hash text) returns table (workspace text, token text, person text, handle text, name text, role text, teams text[], by_token text, used_at bigint, now bigint) language sql stable security definer set search_path = vp, pg_temp
  as $$ select k.workspace, k.token, k.person, p.handle, p.name, p.role,
      array(select t.slug from team_members m join teams t on t.workspace = m.workspace and t.team = m.team where m.workspace = k.workspace and m.person = k.person order by t.slug),
      case when k.local then 'local' else 'token' end, k.used_at, now_ms()
    from api_tokens k join people p using (workspace, person) where k.hash = p_hash and k.expires_at > now_ms() and k.revoked_at is null and p.active $$;

reset role;
set local role vp_owner;
revoke create on schema vp from vp_lookup;
revoke execute on function vp.asker_of_session(text), vp.asker_of_token(text) from public;
grant execute on function vp.asker_of_session(text), vp.asker_of_token(text) to vp_app;
