-- 001: workspaces, people, workflows, deliveries, the ledger, gates, work for runners, runners, bodies.
-- Runs as vp_owner in one transaction. Never edited after a release; later changes are files of their own.
--
-- Habits: times are bigint milliseconds since 1970 (UTC, by this database's clock); every tenant table has `workspace` first
-- in its primary key and calls vp.tenant_table; rights are granted table by table; json (not jsonb) where exact text matters.

create function vp.now_ms() returns bigint language sql stable parallel safe
  as $$ select (extract(epoch from statement_timestamp()) * 1000)::bigint $$;

-- Row-level security for one table: rows of the workspace named by `set local vp.workspace`, and nothing else, for everybody,
-- the owner included. Without a workspace the setting is null or '' and no row fits.
create function vp.tenant_table(target regclass) returns void language plpgsql as $$
begin
  execute format('alter table %s enable row level security', target);
  execute format('alter table %s force row level security', target);
  execute format('create policy tenant on %s using (workspace = current_setting(''vp.workspace'', true)) with check (workspace = current_setting(''vp.workspace'', true))', target);
end $$;
revoke all on function vp.tenant_table(regclass) from public;

-- One row: which installation this is, and with which key its secrets are sealed.
create table vp.installation (
  one boolean primary key default true check (one),
  id text not null,
  key_check text not null,
  engine text,
  created_at bigint not null default vp.now_ms()
);
grant select on vp.installation to vp_app;

-- ── Workspaces, people, sign-in ─────────────────────────────────────────────────────────────────────────────────────
create table vp.workspaces (
  workspace text primary key check (workspace ~ '^ws_[0-9a-z]{1,26}$'),
  slug text not null,
  name text not null,
  sample boolean not null default false,
  bodies text not null default 'edge' check (bodies in ('edge', 'stored')),
  created_at bigint not null default vp.now_ms()
);
create unique index workspaces_slug on vp.workspaces (slug);
select vp.tenant_table('vp.workspaces');
grant select, insert, update on vp.workspaces to vp_app;

-- The two counters of a workspace. `heads` is locked last in every append: position orders all facts of the workspace,
-- seq and hash are the end of the workspace's own stream of facts. `numbers` gives runs their number and is locked by starts only.
create table vp.heads (workspace text primary key references vp.workspaces, position bigint not null default 0, seq int not null default 0, hash text not null) with (fillfactor = 50);
create table vp.numbers (workspace text primary key references vp.workspaces, runs bigint not null default 0) with (fillfactor = 50);
select vp.tenant_table('vp.heads'), vp.tenant_table('vp.numbers');
grant select, insert, update on vp.heads, vp.numbers to vp_app;

create table vp.settings (workspace text not null references vp.workspaces, name text not null, value json not null, changed_at bigint not null default vp.now_ms(), primary key (workspace, name));
select vp.tenant_table('vp.settings');
grant select, insert, update, delete on vp.settings to vp_app;

create table vp.people (
  workspace text not null references vp.workspaces,
  person text not null,
  handle text not null,
  name text not null,
  email text,
  role text not null check (role in ('admin', 'member')),
  active boolean not null default true,
  created_at bigint not null default vp.now_ms(),
  primary key (workspace, person),
  unique (workspace, handle)
);
-- An account at a tool, by the provider's stable id (github:583231): one person may have several and counts once.
create table vp.person_accounts (workspace text not null, account text not null, person text not null, name text not null, primary key (workspace, account), foreign key (workspace, person) references vp.people);
create table vp.teams (workspace text not null references vp.workspaces, team text not null, slug text not null, name text not null, created_at bigint not null default vp.now_ms(), primary key (workspace, team), unique (workspace, slug));
create table vp.team_members (workspace text not null, team text not null, person text not null, primary key (workspace, team, person), foreign key (workspace, team) references vp.teams, foreign key (workspace, person) references vp.people);
create index team_members_person on vp.team_members (workspace, person);
select vp.tenant_table('vp.people'), vp.tenant_table('vp.person_accounts'), vp.tenant_table('vp.teams'), vp.tenant_table('vp.team_members');
grant select, insert, update, delete on vp.people, vp.person_accounts, vp.teams, vp.team_members to vp_app;

-- Secrets are stored as SHA-256 (hex) of the random value only.
create table vp.sessions (workspace text not null, hash text not null, person text not null, created_at bigint not null default vp.now_ms(), seen_at bigint not null default vp.now_ms(), expires_at bigint not null, agent text, passkey_at bigint, primary key (workspace, hash), foreign key (workspace, person) references vp.people);
create unique index sessions_hash on vp.sessions (hash);
create table vp.sign_in_links (workspace text not null, hash text not null, person text not null, lands_on text not null default '/', made_by text, created_at bigint not null default vp.now_ms(), expires_at bigint not null, used_at bigint, primary key (workspace, hash), foreign key (workspace, person) references vp.people);
create unique index sign_in_links_hash on vp.sign_in_links (hash);
create table vp.api_tokens (workspace text not null, token text not null, hash text not null, person text not null, name text not null, created_at bigint not null default vp.now_ms(), expires_at bigint not null, used_at bigint, revoked_at bigint, primary key (workspace, token), foreign key (workspace, person) references vp.people);
create unique index api_tokens_hash on vp.api_tokens (hash);
select vp.tenant_table('vp.sessions'), vp.tenant_table('vp.sign_in_links'), vp.tenant_table('vp.api_tokens');
grant select, insert, update, delete on vp.sessions, vp.sign_in_links, vp.api_tokens to vp_app;

-- ── Repositories, pools, sources, workflows ─────────────────────────────────────────────────────────────────────────
create table vp.repositories (workspace text not null references vp.workspaces, repo text not null, name text not null, url text not null, default_branch text not null default 'main', created_at bigint not null default vp.now_ms(), primary key (workspace, repo), unique (workspace, name));
create table vp.pools (workspace text not null references vp.workspaces, name text not null, created_at bigint not null default vp.now_ms(), primary key (workspace, name));
-- sealed: the webhook secret, encrypted with the installation's key.
create table vp.sources (workspace text not null references vp.workspaces, source text not null, kind text not null default 'webhook', name text not null, sealed text not null, created_at bigint not null default vp.now_ms(), created_by text, last_at bigint, removed_at bigint, primary key (workspace, source));
create unique index sources_source on vp.sources (source);
create table vp.workflows (workspace text not null references vp.workspaces, workflow text not null, name text not null, team text, enabled boolean not null default false, version int not null default 0, created_at bigint not null default vp.now_ms(), primary key (workspace, workflow), unique (workspace, name));
create table vp.workflow_versions (workspace text not null, workflow text not null, version int not null, digest text not null, source text not null, compiled json not null, note text, saved_by text not null, saved_at bigint not null default vp.now_ms(), primary key (workspace, workflow, version), foreign key (workspace, workflow) references vp.workflows);
select vp.tenant_table('vp.repositories'), vp.tenant_table('vp.pools'), vp.tenant_table('vp.sources'), vp.tenant_table('vp.workflows'), vp.tenant_table('vp.workflow_versions');
grant select, insert, update, delete on vp.repositories, vp.pools, vp.sources, vp.workflows to vp_app;
grant select, insert on vp.workflow_versions to vp_app; -- a version is immutable

-- ── Deliveries: what came in, stored once ───────────────────────────────────────────────────────────────────────────
create table vp.deliveries (
  workspace text not null references vp.workspaces,
  delivery text not null,
  source text not null,
  provider_id text not null,
  tool text not null default 'webhook',
  event text not null default '',
  title text not null default '',
  actor text not null default '',
  received_at bigint not null default vp.now_ms(),
  media text,
  headers json,
  body bytea,
  body_digest text,
  state text not null default 'stored' check (state in ('stored', 'processed', 'refused', 'failed')),
  verdict text not null default '',
  trigger_event json,
  report json, -- for every workflow: each condition, expected, found
  matched int not null default 0,
  runs text[] not null default '{}',
  repeats int not null default 0, -- the same provider id again
  problem text,
  processed_at bigint,
  primary key (workspace, delivery),
  unique (workspace, source, provider_id)
);
create index deliveries_newest on vp.deliveries (workspace, received_at desc, delivery desc);
create index deliveries_waiting on vp.deliveries (workspace, received_at) where state = 'stored';
create index deliveries_stored on vp.deliveries (received_at) where state = 'stored';
select vp.tenant_table('vp.deliveries');
grant select, insert, update on vp.deliveries to vp_app;

-- ── The ledger ──────────────────────────────────────────────────────────────────────────────────────────────────────
-- Exact text, hashed and signed as it stands. The application may add facts and read them, never change or remove one.
-- `run` is the run, or the workspace's own id for facts about the workspace.
create table vp.facts (
  workspace text not null,
  run text not null,
  seq int not null check (seq > 0),
  position bigint not null,
  at bigint not null,
  type text not null,
  text text not null,
  hash text not null check (length(hash) = 64),
  primary key (workspace, run, seq)
);
create unique index facts_position on vp.facts (workspace, position);
select vp.tenant_table('vp.facts');
grant select, insert on vp.facts to vp_app;

-- A reading of the facts, written in the same transaction: the state to go on from, and columns for lists. Rebuilt by `viewport rebuild`.
-- state and spec are json, not jsonb: text from outside may hold \u0000. The spec never changes, so updates do not rewrite it.
create table vp.runs (
  workspace text not null,
  run text not null,
  number bigint not null,
  seq int not null,
  hash text not null,
  state json not null,
  spec json not null,
  status text not null check (status in ('waiting', 'running', 'finished')),
  outcome text,
  workflow text not null,
  workflow_name text not null,
  workflow_version int not null,
  title text not null,
  source text not null,
  delivery text,
  requester text,
  waiting text, -- words: what it waits for
  pool text not null,
  runner text, -- it stays with this one
  tainted boolean not null,
  sample boolean not null,
  started_at bigint not null,
  updated_at bigint not null,
  waiting_since bigint,
  cancelling_at bigint,
  finished_at bigint,
  input_tokens bigint,
  output_tokens bigint,
  usd_micros bigint,
  primary key (workspace, run)
) with (fillfactor = 70);
create unique index runs_number on vp.runs (workspace, number);
create index runs_newest on vp.runs (workspace, started_at desc, run desc);
create index runs_status on vp.runs (workspace, status, started_at desc); -- nothing that changes with every fact is indexed, so that updates stay on their page
create index runs_finished on vp.runs (workspace, finished_at desc) where finished_at is not null;
create index runs_cancelling on vp.runs (cancelling_at) where cancelling_at is not null and finished_at is null;
create index runs_workflow on vp.runs (workspace, workflow, started_at desc);
create index runs_of_runner on vp.runs (workspace, runner) where runner is not null and finished_at is null;
select vp.tenant_table('vp.runs');
grant select, insert, update, delete on vp.runs to vp_app; -- delete: only a rebuild

create table vp.gates (
  workspace text not null,
  gate text not null,
  run text not null,
  kind text not null,
  name text not null,
  step text not null,
  round int not null,
  state text not null check (state in ('open', 'closed')),
  outcome text,
  digest text not null,
  required int not null,
  votes int not null default 0,
  not_by text[] not null default '{}', -- people who may not vote here
  decided_by text[] not null default '{}',
  expires_at bigint,
  remind_at bigint,
  opened_at bigint not null,
  closed_at bigint,
  primary key (workspace, gate)
) with (fillfactor = 80);
create index gates_run on vp.gates (workspace, run);
create index gates_open on vp.gates (workspace, opened_at desc) where state = 'open';
create index gates_closed on vp.gates (workspace, closed_at desc) where state = 'closed';
create index gates_timed on vp.gates (least(expires_at, remind_at)) where state = 'open' and (expires_at is not null or remind_at is not null);
-- Rows only while the gate is open. Principals as in the workflow (team:payments, user:dana) or a person's id; text equality is
-- leakproof, so this key is used under row-level security, where an array or GIN filter is not.
create table vp.gate_approvers (workspace text not null, principal text not null, opened_at bigint not null, gate text not null, primary key (workspace, principal, opened_at, gate));
create index gate_approvers_gate on vp.gate_approvers (workspace, gate);
select vp.tenant_table('vp.gates'), vp.tenant_table('vp.gate_approvers');
grant select, insert, update, delete on vp.gates, vp.gate_approvers to vp_app;

-- Viewport's own pull requests.
create table vp.changes (workspace text not null, change text not null, run text not null, repo text not null, ref text not null, into_ref text not null, title text not null, state text not null check (state in ('open', 'merging', 'merged', 'abandoned')), digest text not null, opened_at bigint not null, updated_at bigint not null, primary key (workspace, change));
create index changes_run on vp.changes (workspace, run);
select vp.tenant_table('vp.changes');
grant select, insert, update, delete on vp.changes to vp_app;

-- What the engine must do because of a fact, written in the fact's transaction. The engine is told in the same transaction;
-- the sweep finds what was not. `key` is the workflow id without its kind (effect: INTENT:ATTEMPT).
create table vp.due (workspace text not null, kind text not null, key text not null, run text, at bigint not null default vp.now_ms(), enqueued_at bigint, done_at bigint, primary key (workspace, kind, key));
create index due_open on vp.due (at) where done_at is null;
create index due_run on vp.due (workspace, run) where run is not null;
create index due_done on vp.due (done_at) where done_at is not null;
select vp.tenant_table('vp.due');
grant select, insert, update, delete on vp.due to vp_app;

-- ── Runners and their work ──────────────────────────────────────────────────────────────────────────────────────────
create table vp.runners (
  workspace text not null references vp.workspaces,
  runner text not null,
  name text not null,
  pool text not null,
  key json not null, -- public JWK
  thumbprint text not null, -- RFC 7638
  words text[] not null,
  capabilities json not null,
  repositories text[] not null default '{}', -- empty: all of the workspace
  owner text, -- the person whose machine it is
  state text not null default 'active' check (state in ('active', 'draining', 'removed')),
  online boolean not null default false,
  seen_at bigint,
  paired_at bigint not null default vp.now_ms(),
  paired_by text not null,
  removed_at bigint,
  primary key (workspace, runner)
) with (fillfactor = 70);
create unique index runners_name on vp.runners (workspace, name) where state <> 'removed';
create unique index runners_thumbprint on vp.runners (thumbprint) where state <> 'removed';
create unique index runners_runner on vp.runners (runner);
create index runners_online on vp.runners (seen_at) where online;
select vp.tenant_table('vp.runners');
grant select, insert, update on vp.runners to vp_app;

-- A step attempt or an effect that a runner must do: a reading of due(state). The payload is built when it is leased.
-- step: the step, or the intent of an effect; key: STEP:ATTEMPT. Rows leave when the attempt has begun or is not due any more.
-- An epoch is taken at every offer and grows per run and step: one more than the highest in vp.leases.
create table vp.work (
  workspace text not null,
  run text not null,
  key text not null,
  kind text not null check (kind in ('agent', 'checks', 'effect')),
  step text not null,
  attempt int not null,
  round int not null default 1,
  intent text,
  agent text,
  mode text,
  pool text not null,
  isolation text, -- at least this level
  requires text[] not null default '{}', -- the workflow's own words: node>=22, docker
  repos text[] not null default '{}',
  runner text, -- affinity: only this one
  priority int not null default 0,
  state text not null default 'ready' check (state in ('ready', 'leased')),
  epoch int, -- of the lease
  lease text,
  ready_at bigint not null default vp.now_ms(),
  why text, -- why nobody takes it: the missing capability
  primary key (workspace, run, key)
) with (fillfactor = 80);
create index work_ready on vp.work (workspace, pool, priority desc, ready_at) where state = 'ready';
select vp.tenant_table('vp.work');
grant select, insert, update, delete on vp.work to vp_app;

create table vp.leases (
  workspace text not null,
  lease text not null,
  run text not null,
  key text not null, -- of work
  step text not null, -- or the intent
  attempt int not null,
  epoch int not null,
  runner text not null,
  request text not null, -- the runner's id of the asking: the same one gets the same lease again
  state text not null check (state in ('offered', 'held', 'ended', 'refused', 'expired', 'lost', 'superseded')),
  job_digest text,
  offered_at bigint not null default vp.now_ms(),
  acked_at bigint,
  beat_at bigint,
  expires_at bigint not null,
  ended_at bigint,
  reported int not null default 0, -- the last report taken
  cancel text, -- why it must stop
  now text, -- the runner's line
  usage json,
  log_bytes bigint not null default 0,
  primary key (workspace, lease)
) with (fillfactor = 70);
create unique index leases_request on vp.leases (workspace, runner, request);
create unique index leases_epoch on vp.leases (workspace, run, step, epoch);
create index leases_live on vp.leases (expires_at) where state in ('offered', 'held');
create index leases_of_runner on vp.leases (workspace, runner) where state in ('offered', 'held');
-- run, fact, text and signature: what its runner signed, kept for the packet, where the report became a fact of the run (core/packet/report.ts).
create table vp.reports (workspace text not null, lease text not null, epoch int not null, seq int not null, digest text not null, at bigint not null default vp.now_ms(), run text, fact int, text text, signature text, primary key (workspace, lease, epoch, seq));
create index reports_of_run on vp.reports (workspace, run, fact) where fact is not null;
create table vp.orders (workspace text not null, "order" text not null, runner text not null, position bigint generated always as identity, body json not null, created_at bigint not null default vp.now_ms(), expires_at bigint, done_at bigint, primary key (workspace, "order"));
create index orders_open on vp.orders (workspace, runner, position) where done_at is null;
-- Running sums while a step works; the sum that counts is in the fact that ends it.
create table vp.usage_ticks (workspace text not null, run text not null, step text not null, attempt int not null, at bigint not null default vp.now_ms(), input_tokens bigint, output_tokens bigint, cached_tokens bigint, usd_micros bigint, source text not null, primary key (workspace, run, step, attempt, at));
select vp.tenant_table('vp.leases'), vp.tenant_table('vp.reports'), vp.tenant_table('vp.orders'), vp.tenant_table('vp.usage_ticks');
grant select, insert, update on vp.leases to vp_app;
grant select, insert on vp.reports to vp_app;
grant select, insert, update, delete on vp.orders, vp.usage_ticks to vp_app;

-- ── Bodies of workspaces that store them ────────────────────────────────────────────────────────────────────────────
create table vp.bodies (workspace text not null, run text not null, digest text not null, kind text not null, media text not null default 'application/octet-stream', bytes bigint not null, have bigint not null default 0, complete boolean not null default false, created_at bigint not null default vp.now_ms(), primary key (workspace, run, digest));
create table vp.body_chunks (workspace text not null, run text not null, digest text not null, n int not null, bytes bytea not null, primary key (workspace, run, digest, n), foreign key (workspace, run, digest) references vp.bodies on delete cascade);
create table vp.live_logs (workspace text not null, lease text not null, start bigint not null, bytes bytea not null, at bigint not null default vp.now_ms(), primary key (workspace, lease, start));
alter table vp.body_chunks alter column bytes set storage external;
alter table vp.live_logs alter column bytes set storage external;
select vp.tenant_table('vp.bodies'), vp.tenant_table('vp.body_chunks'), vp.tenant_table('vp.live_logs');
grant select, insert, update, delete on vp.bodies, vp.body_chunks, vp.live_logs to vp_app;

-- ── Not of one workspace ────────────────────────────────────────────────────────────────────────────────────────────
-- The control plane's signing keys. sealed: the private JWK, encrypted with the installation's key.
create table vp.keys (kid text primary key, public json not null, sealed text not null, from_at bigint not null, until_at bigint, created_at bigint not null default vp.now_ms());
grant select, insert on vp.keys to vp_app;
grant update (until_at) on vp.keys to vp_app;

-- A pairing belongs to nobody until an admin claims it; then it is seen from that workspace only.
create table vp.pairings (
  pairing text primary key,
  code_hash text not null,
  key json not null,
  thumbprint text not null,
  words text[] not null,
  name text,
  pool text,
  capabilities json not null,
  address text not null,
  state text not null default 'waiting' check (state in ('waiting', 'approved', 'refused')),
  workspace text references vp.workspaces,
  runner text,
  why text,
  created_at bigint not null default vp.now_ms(),
  expires_at bigint not null
);
create unique index pairings_code on vp.pairings (code_hash) where state = 'waiting';
select vp.tenant_table('vp.pairings');
grant select on vp.pairings to vp_app;

-- Proofs seen (RFC 9449: a jti is used once) and tries counted. Unlogged: after a crash of the database they start empty.
create unlogged table vp.dpop_seen (thumbprint text not null, jti text not null, expires_at bigint not null, primary key (thumbprint, jti));
create index dpop_seen_old on vp.dpop_seen (expires_at);
create unlogged table vp.tries (subject text primary key, count int not null, until_at bigint not null);

-- ── Look-ups before the tenant is known: definer functions of vp_lookup, which sees no more than the policies below say ─
grant usage, create on schema vp to vp_lookup;
grant select on vp.workspaces, vp.sessions, vp.sign_in_links, vp.api_tokens, vp.people, vp.sources, vp.runners, vp.due, vp.leases, vp.gates, vp.runs, vp.deliveries to vp_lookup;
grant update (used_at) on vp.sign_in_links to vp_lookup;
grant select, insert, update, delete on vp.pairings, vp.dpop_seen, vp.tries to vp_lookup;
create policy lookup on vp.workspaces for select to vp_lookup using (true);
create policy lookup on vp.sessions for select to vp_lookup using (true);
create policy lookup on vp.sign_in_links for all to vp_lookup using (true) with check (true);
create policy lookup on vp.api_tokens for select to vp_lookup using (true);
create policy lookup on vp.people for select to vp_lookup using (true);
create policy lookup on vp.sources for select to vp_lookup using (true);
create policy lookup on vp.runners for select to vp_lookup using (true);
create policy lookup on vp.due for select to vp_lookup using (true);
create policy lookup on vp.leases for select to vp_lookup using (true);
create policy lookup on vp.runs for select to vp_lookup using (true);
create policy lookup on vp.deliveries for select to vp_lookup using (true);
create policy lookup on vp.gates for select to vp_lookup using (true);
create policy lookup on vp.pairings for all to vp_lookup using (true) with check (true);

set local role vp_lookup;

create function vp.workspace_ids() returns setof text language sql stable security definer set search_path = vp, pg_temp
  as $$ select workspace from workspaces order by created_at, workspace $$;

-- Null rows: unknown, expired, revoked or of a person who is not active any more.
create function vp.session_of(p_hash text) returns table (workspace text, person text, passkey_at bigint) language sql stable security definer set search_path = vp, pg_temp
  as $$ select s.workspace, s.person, s.passkey_at from sessions s join people p using (workspace, person) where s.hash = p_hash and s.expires_at > now_ms() and p.active $$;
create function vp.api_token_of(p_hash text) returns table (workspace text, token text, person text) language sql stable security definer set search_path = vp, pg_temp
  as $$ select t.workspace, t.token, t.person from api_tokens t join people p using (workspace, person) where t.hash = p_hash and t.expires_at > now_ms() and t.revoked_at is null and p.active $$;
-- Takes the link: a second call finds nothing.
create function vp.use_sign_in_link(p_hash text) returns table (workspace text, person text, lands_on text) language sql volatile security definer set search_path = vp, pg_temp
  as $$ update sign_in_links l set used_at = now_ms() from people p where l.hash = p_hash and l.used_at is null and l.expires_at > now_ms() and p.workspace = l.workspace and p.person = l.person and p.active returning l.workspace, l.person, l.lands_on $$;
create function vp.source_of(p_source text) returns table (workspace text, kind text, name text, sealed text) language sql stable security definer set search_path = vp, pg_temp
  as $$ select workspace, kind, name, sealed from sources where source = p_source and removed_at is null $$;
-- Removed runners are found as well, so that they can be told so.
create function vp.runner_of(p_runner text) returns table (workspace text, key json, thumbprint text, state text) language sql stable security definer set search_path = vp, pg_temp
  as $$ select workspace, key, thumbprint, state from runners where runner = p_runner $$;

create function vp.pairing_begin(p_pairing text, p_code_hash text, p_key json, p_thumbprint text, p_words text[], p_name text, p_pool text, p_capabilities json, p_address text, p_ttl_ms bigint) returns bigint language sql volatile security definer set search_path = vp, pg_temp
  as $$ insert into pairings (pairing, code_hash, key, thumbprint, words, name, pool, capabilities, address, expires_at) values (p_pairing, p_code_hash, p_key, p_thumbprint, p_words, p_name, p_pool, p_capabilities, p_address, now_ms() + p_ttl_ms) returning expires_at $$;
create function vp.pairing_by_code(p_code_hash text) returns setof vp.pairings language sql stable security definer set search_path = vp, pg_temp
  as $$ select * from pairings where code_hash = p_code_hash and state = 'waiting' and expires_at > now_ms() $$;
create function vp.pairing_by_id(p_pairing text) returns setof vp.pairings language sql stable security definer set search_path = vp, pg_temp
  as $$ select * from pairings where pairing = p_pairing $$;
-- Claims a waiting pairing for the workspace of this transaction, once. p_runner null: refused.
create function vp.pairing_decide(p_pairing text, p_runner text, p_why text) returns boolean language sql volatile security definer set search_path = vp, pg_temp
  as $$ with u as (update pairings set state = case when p_runner is null then 'refused' else 'approved' end, runner = p_runner, why = p_why, workspace = nullif(current_setting('vp.workspace', true), '') where pairing = p_pairing and state = 'waiting' and expires_at > now_ms() and nullif(current_setting('vp.workspace', true), '') is not null returning 1) select exists (select from u) $$;
create function vp.pairings_forget() returns bigint language sql volatile security definer set search_path = vp, pg_temp
  as $$ with d as (delete from pairings where expires_at < now_ms() - 86400000 returning 1) select count(*) from d $$;

-- True exactly once per proof.
create function vp.dpop_first(p_thumbprint text, p_jti text, p_ttl_ms bigint) returns boolean language sql volatile security definer set search_path = vp, pg_temp
  as $$ with i as (insert into dpop_seen values (p_thumbprint, p_jti, now_ms() + p_ttl_ms) on conflict do nothing returning 1) select exists (select from i) $$;
create function vp.dpop_forget() returns bigint language sql volatile security definer set search_path = vp, pg_temp
  as $$ with d as (delete from dpop_seen where expires_at < now_ms() returning 1), t as (delete from tries where until_at < now_ms() returning 1) select (select count(*) from d) + (select count(*) from t) $$;
-- Counts a wrong try of a subject and says how many there are in the window and when it ends; p_add 0 only looks.
create function vp.try_counted(p_subject text, p_add int, p_window_ms bigint) returns table (count int, until_at bigint) language sql volatile security definer set search_path = vp, pg_temp
  as $$ insert into tries as t values (p_subject, p_add, now_ms() + p_window_ms) on conflict (subject) do update set count = case when t.until_at < now_ms() then excluded.count else t.count + p_add end, until_at = case when t.until_at < now_ms() then excluded.until_at else t.until_at end returning t.count, t.until_at $$;

-- For the sweep: ids only, of every workspace.
create function vp.due_waiting(p_before bigint, p_limit int) returns table (workspace text, kind text, key text, run text, at bigint, enqueued_at bigint) language sql stable security definer set search_path = vp, pg_temp
  as $$ select workspace, kind, key, run, at, enqueued_at from due where done_at is null and at <= p_before order by at limit p_limit $$;
create function vp.leases_over(p_limit int) returns table (workspace text, lease text) language sql stable security definer set search_path = vp, pg_temp
  as $$ select workspace, lease from leases where state in ('offered', 'held') and expires_at < now_ms() order by expires_at limit p_limit $$;
create function vp.gates_over(p_limit int) returns table (workspace text, run text, gate text) language sql stable security definer set search_path = vp, pg_temp
  as $$ select workspace, run, gate from gates where state = 'open' and (expires_at is not null or remind_at is not null) and least(expires_at, remind_at) <= now_ms() order by least(expires_at, remind_at) limit p_limit $$;
create function vp.runs_cancelling(p_before bigint, p_limit int) returns table (workspace text, run text) language sql stable security definer set search_path = vp, pg_temp
  as $$ select workspace, run from runs where cancelling_at < p_before and finished_at is null order by cancelling_at limit p_limit $$;
create function vp.deliveries_waiting(p_before bigint, p_limit int) returns setof text language sql stable security definer set search_path = vp, pg_temp
  as $$ select distinct workspace from (select workspace from deliveries where state = 'stored' and received_at < p_before limit p_limit) d $$;
create function vp.runners_silent(p_since bigint, p_limit int) returns table (workspace text, runner text) language sql stable security definer set search_path = vp, pg_temp
  as $$ select workspace, runner from runners where online and seen_at < p_since order by seen_at limit p_limit $$;

reset role;
set local role vp_owner;
revoke create on schema vp from vp_lookup;
revoke execute on all functions in schema vp from public;
grant usage on schema vp to vp_app;
grant execute on all functions in schema vp to vp_app;
revoke execute on function vp.tenant_table(regclass) from vp_app;
grant execute on function vp.now_ms() to vp_lookup;
