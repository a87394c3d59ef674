-- The schema after all migrations. Written by `npm run dumps`; change it by a new file in server/migrations.

create table vp.api_tokens (
  workspace text not null,
  token text not null,
  hash text not null,
  person text not null,
  name text not null,
  created_at bigint not null default vp.now_ms(),
  expires_at bigint not null,
  used_at bigint,
  revoked_at bigint,
  local boolean not null default false,
  PRIMARY KEY (workspace, token),
  FOREIGN KEY (workspace, person) REFERENCES vp.people(workspace, person)
);
CREATE UNIQUE INDEX api_tokens_hash ON vp.api_tokens USING btree (hash);
-- row-level security, forced
--   policy lookup for select to vp_lookup using (true)
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: delete, insert, select, update; vp_lookup: select

create table vp.app_setups (
  workspace text not null,
  setup text not null,
  person text not null,
  step text not null,
  state text,
  name text not null,
  base text not null,
  source text not null,
  app text,
  page text,
  sealed text not null,
  created_at bigint not null default vp.now_ms(),
  PRIMARY KEY (workspace, setup),
  FOREIGN KEY (workspace) REFERENCES vp.workspaces(workspace),
  CHECK ((step = ANY (ARRAY['code'::text, 'installation'::text, 'done'::text])))
);
CREATE UNIQUE INDEX app_setups_state ON vp.app_setups USING btree (workspace, state);
-- row-level security, forced
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: delete, insert, select, update

create table vp.bodies (
  workspace text not null,
  run text not null,
  digest text not null,
  kind text not null,
  media text not null default 'application/octet-stream'::text,
  bytes bigint not null,
  have bigint not null default 0,
  complete boolean not null default false,
  created_at bigint not null default vp.now_ms(),
  PRIMARY KEY (workspace, run, digest)
);
-- row-level security, forced
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: delete, insert, select, update

create table vp.body_chunks (
  workspace text not null,
  run text not null,
  digest text not null,
  n integer not null,
  bytes bytea not null,
  PRIMARY KEY (workspace, run, digest, n),
  FOREIGN KEY (workspace, run, digest) REFERENCES vp.bodies(workspace, run, digest) ON DELETE CASCADE
);
-- row-level security, forced
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: delete, insert, select, update

create table vp.breakers (
  workspace text not null,
  workflow text not null,
  subject text not null,
  run text not null,
  until bigint not null,
  PRIMARY KEY (workspace, workflow, subject),
  FOREIGN KEY (workspace) REFERENCES vp.workspaces(workspace)
);
-- row-level security, forced
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: delete, insert, select, update

create table vp.changes (
  workspace text not null,
  change text not null,
  run text not null,
  repo text not null,
  ref text not null,
  into_ref text not null,
  title text not null,
  state text not null,
  digest text not null,
  opened_at bigint not null,
  updated_at bigint not null,
  PRIMARY KEY (workspace, change),
  CHECK ((state = ANY (ARRAY['open'::text, 'merging'::text, 'merged'::text, 'abandoned'::text])))
);
CREATE INDEX changes_run ON vp.changes USING btree (workspace, run);
-- row-level security, forced
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: delete, insert, select, update

create table vp.connections (
  workspace text not null,
  connection text not null,
  tool text not null,
  name text not null,
  settings json not null default '{}'::json,
  sealed text not null,
  account json,
  problem text,
  checked_at bigint,
  created_at bigint not null default vp.now_ms(),
  created_by text,
  removed_at bigint,
  settings_at bigint not null default vp.now_ms(),
  held boolean not null default false,
  places jsonb not null default '{}'::jsonb,
  line_at bigint,
  PRIMARY KEY (workspace, connection),
  FOREIGN KEY (workspace) REFERENCES vp.workspaces(workspace)
);
CREATE UNIQUE INDEX connections_connection ON vp.connections USING btree (connection);
CREATE UNIQUE INDEX connections_name ON vp.connections USING btree (workspace, tool, name) WHERE (removed_at IS NULL);
-- row-level security, forced
--   policy lookup for select to vp_lookup using (true)
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: insert, select, update; vp_lookup: select

create table vp.counted_effects (
  workspace text not null,
  intent text not null,
  action text not null,
  workflow text not null,
  at bigint not null default vp.now_ms(),
  PRIMARY KEY (workspace, intent),
  FOREIGN KEY (workspace) REFERENCES vp.workspaces(workspace)
);
CREATE INDEX counted_effects_at ON vp.counted_effects USING btree (workspace, action, at);
-- row-level security, forced
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: delete, insert, select, update

create table vp.deliveries (
  workspace text not null,
  delivery text not null,
  source text not null,
  provider_id text not null,
  tool text not null default 'webhook'::text,
  event text not null default ''::text,
  title text not null default ''::text,
  actor text not null default ''::text,
  received_at bigint not null default vp.now_ms(),
  media text,
  headers json,
  own_body bytea,
  body_digest text,
  state text not null default 'stored'::text,
  verdict text not null default ''::text,
  trigger_event json,
  report json,
  matched integer not null default 0,
  runs text[] not null default '{}'::text[],
  repeats integer not null default 0,
  problem text,
  processed_at bigint,
  outcome text not null default 'arriving'::text,
  workflows text[] not null default '{}'::text[],
  search text default lower(((((((title || chr(10)) || actor) || chr(10)) || event) || chr(10)) || verdict)),
  came text,
  same_as text,
  became jsonb,
  old_secret integer,
  UNIQUE (workspace, source, provider_id),
  PRIMARY KEY (workspace, delivery),
  FOREIGN KEY (workspace, source, body_digest) REFERENCES vp.delivery_bodies(workspace, source, digest),
  FOREIGN KEY (workspace) REFERENCES vp.workspaces(workspace),
  CHECK ((came = ANY (ARRAY['webhook'::text, 'asked'::text, 'line'::text]))),
  CHECK (((own_body IS NULL) OR (body_digest IS NULL))),
  CHECK ((state = ANY (ARRAY['stored'::text, 'processed'::text, 'refused'::text, 'failed'::text])))
);
CREATE INDEX deliveries_by_body ON vp.deliveries USING btree (workspace, source, body_digest) WHERE (body_digest IS NOT NULL);
CREATE INDEX deliveries_by_old_secret ON vp.deliveries USING btree (workspace, source, old_secret, received_at DESC) WHERE (old_secret IS NOT NULL);
CREATE INDEX deliveries_by_outcome ON vp.deliveries USING btree (workspace, outcome, received_at DESC, delivery DESC);
CREATE INDEX deliveries_by_tool ON vp.deliveries USING btree (workspace, tool, received_at DESC, delivery DESC);
CREATE INDEX deliveries_by_way ON vp.deliveries USING btree (workspace, source, came, received_at DESC) WHERE (came IS NOT NULL);
CREATE INDEX deliveries_newest ON vp.deliveries USING btree (workspace, received_at DESC, delivery DESC);
CREATE INDEX deliveries_stored ON vp.deliveries USING btree (received_at) WHERE (state = 'stored'::text);
CREATE INDEX deliveries_waiting ON vp.deliveries USING btree (workspace, received_at) WHERE (state = 'stored'::text);
CREATE TRIGGER body_left AFTER DELETE OR UPDATE OF body_digest, source, workspace ON vp.deliveries FOR EACH ROW WHEN ((old.body_digest IS NOT NULL)) EXECUTE FUNCTION vp.body_left();
-- row-level security, forced
--   policy lookup for select to vp_lookup using (true)
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: insert, select, update; vp_lookup: select

create table vp.delivery_bodies (
  workspace text not null,
  source text not null,
  digest text not null default encode(sha256(body), 'hex'::text),
  body bytea not null,
  PRIMARY KEY (workspace, source, digest),
  FOREIGN KEY (workspace) REFERENCES vp.workspaces(workspace)
);
-- row-level security, forced
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: insert, select; column source vp_app: update

create unlogged table vp.dpop_seen (
  thumbprint text not null,
  jti text not null,
  expires_at bigint not null,
  PRIMARY KEY (thumbprint, jti)
);
CREATE INDEX dpop_seen_old ON vp.dpop_seen USING btree (expires_at);
-- no row-level security
-- rights: vp_lookup: delete, insert, select, update

create table vp.due (
  workspace text not null,
  kind text not null,
  key text not null,
  run text,
  at bigint not null default vp.now_ms(),
  enqueued_at bigint,
  done_at bigint,
  PRIMARY KEY (workspace, kind, key)
);
CREATE INDEX due_done ON vp.due USING btree (done_at) WHERE (done_at IS NOT NULL);
CREATE INDEX due_run ON vp.due USING btree (workspace, run) WHERE (run IS NOT NULL);
CREATE INDEX due_told ON vp.due USING btree (workspace, enqueued_at) WHERE ((done_at IS NULL) AND (enqueued_at IS NOT NULL));
CREATE INDEX due_untold ON vp.due USING btree (workspace, at, key) WHERE ((done_at IS NULL) AND (enqueued_at IS NULL));
-- row-level security, forced
--   policy lookup for select to vp_lookup using (true)
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: delete, insert, select, update; vp_lookup: select

create table vp.errands (
  workspace text not null,
  errand text not null,
  runner text not null,
  order text not null,
  connection text not null,
  what text not null,
  run text not null,
  about json,
  given_at bigint not null default vp.now_ms(),
  expires_at bigint not null,
  UNIQUE (workspace, run, what),
  PRIMARY KEY (workspace, errand),
  FOREIGN KEY (workspace, run) REFERENCES vp.runs(workspace, run) ON DELETE CASCADE,
  CHECK ((what = ANY (ARRAY['sight'::text, 'status'::text])))
);
-- row-level security, forced
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: delete, insert, select, update

create table vp.facts (
  workspace text not null,
  run text not null,
  seq integer not null,
  position bigint not null,
  at bigint not null,
  type text not null,
  text text not null,
  hash text not null,
  PRIMARY KEY (workspace, run, seq),
  CHECK ((length(hash) = 64)),
  CHECK ((seq > 0))
);
CREATE UNIQUE INDEX facts_position ON vp.facts USING btree (workspace, "position");
-- row-level security, forced
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: insert, select

create table vp.forgotten_events (
  workspace text not null,
  tool text not null,
  until bigint not null,
  PRIMARY KEY (workspace, tool),
  FOREIGN KEY (workspace) REFERENCES vp.workspaces(workspace)
);
-- row-level security, forced
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: insert, select, update

create table vp.gate_approvers (
  workspace text not null,
  principal text not null,
  opened_at bigint not null,
  gate text not null,
  PRIMARY KEY (workspace, principal, opened_at, gate)
);
CREATE INDEX gate_approvers_gate ON vp.gate_approvers USING btree (workspace, gate);
-- row-level security, forced
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: delete, insert, select, update

create table vp.gates (
  workspace text not null,
  gate text not null,
  run text not null,
  kind text not null,
  name text not null,
  step text not null,
  round integer not null,
  state text not null,
  outcome text,
  digest text not null,
  required integer not null,
  votes integer not null default 0,
  not_by text[] not null default '{}'::text[],
  decided_by text[] not null default '{}'::text[],
  expires_at bigint,
  remind_at bigint,
  opened_at bigint not null,
  closed_at bigint,
  shown json not null default '{}'::json,
  PRIMARY KEY (workspace, gate),
  CHECK ((state = ANY (ARRAY['open'::text, 'closed'::text])))
);
CREATE INDEX gates_closed ON vp.gates USING btree (workspace, closed_at DESC) WHERE (state = 'closed'::text);
CREATE INDEX gates_open ON vp.gates USING btree (workspace, opened_at DESC) WHERE (state = 'open'::text);
CREATE INDEX gates_run ON vp.gates USING btree (workspace, run);
CREATE INDEX gates_timed ON vp.gates USING btree (workspace, LEAST(expires_at, remind_at)) WHERE ((state = 'open'::text) AND ((expires_at IS NOT NULL) OR (remind_at IS NOT NULL)));
-- row-level security, forced
--   policy lookup for select to vp_lookup using (true)
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: delete, insert, select, update; vp_lookup: select

create table vp.heads (
  workspace text not null,
  position bigint not null default 0,
  seq integer not null default 0,
  hash text not null,
  PRIMARY KEY (workspace),
  FOREIGN KEY (workspace) REFERENCES vp.workspaces(workspace)
);
-- row-level security, forced
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: insert, select, update

create table vp.installation (
  one boolean not null default true,
  id text not null,
  key_check text not null,
  engine text,
  created_at bigint not null default vp.now_ms(),
  address text,
  PRIMARY KEY (one),
  CHECK (one)
);
-- no row-level security
-- rights: vp_app: select

create table vp.keys (
  kid text not null,
  public json not null,
  sealed text not null,
  from_at bigint not null,
  until_at bigint,
  created_at bigint not null default vp.now_ms(),
  succession text,
  PRIMARY KEY (kid)
);
-- no row-level security
-- rights: vp_app: insert, select; column until_at vp_app: update

create table vp.leases (
  workspace text not null,
  lease text not null,
  run text not null,
  key text not null,
  step text not null,
  attempt integer not null,
  epoch integer not null,
  runner text not null,
  request text not null,
  state text not null,
  job_digest text,
  offered_at bigint not null default vp.now_ms(),
  acked_at bigint,
  beat_at bigint,
  expires_at bigint not null,
  ended_at bigint,
  reported integer not null default 0,
  cancel text,
  now text,
  usage json,
  log_bytes bigint not null default 0,
  repos text[] not null default '{}'::text[],
  PRIMARY KEY (workspace, lease),
  CHECK ((state = ANY (ARRAY['offered'::text, 'held'::text, 'ended'::text, 'refused'::text, 'expired'::text, 'lost'::text, 'superseded'::text])))
);
CREATE INDEX leases_live ON vp.leases USING btree (workspace, expires_at) WHERE (state = ANY (ARRAY['offered'::text, 'held'::text]));
CREATE INDEX leases_of_runner ON vp.leases USING btree (workspace, runner) WHERE (state = ANY (ARRAY['offered'::text, 'held'::text]));
CREATE UNIQUE INDEX leases_epoch ON vp.leases USING btree (workspace, run, step, epoch);
CREATE UNIQUE INDEX leases_request ON vp.leases USING btree (workspace, runner, request);
-- row-level security, forced
--   policy lookup for select to vp_lookup using (true)
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: insert, select, update; vp_lookup: select

create table vp.live_logs (
  workspace text not null,
  lease text not null,
  start bigint not null,
  bytes bytea not null,
  at bigint not null default vp.now_ms(),
  PRIMARY KEY (workspace, lease, start)
);
-- row-level security, forced
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: delete, insert, select, update

create table vp.looks (
  workspace text not null,
  look text not null,
  runner text not null,
  asked_by text not null,
  order text not null,
  url text not null,
  branch text,
  state text not null default 'asked'::text,
  now text,
  found json,
  failure json,
  asked_at bigint not null default vp.now_ms(),
  heard_at bigint,
  expires_at bigint not null,
  PRIMARY KEY (workspace, look),
  CHECK ((state = ANY (ARRAY['asked'::text, 'looking'::text, 'looked'::text, 'failed'::text])))
);
CREATE INDEX looks_of_runner ON vp.looks USING btree (workspace, runner);
-- row-level security, forced
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: delete, insert, select, update

create table vp.migrations (
  number integer not null,
  name text not null,
  checksum text not null,
  applied_at timestamp with time zone not null default now(),
  PRIMARY KEY (number)
);
-- no row-level security
-- rights: none

create table vp.numbers (
  workspace text not null,
  runs bigint not null default 0,
  PRIMARY KEY (workspace),
  FOREIGN KEY (workspace) REFERENCES vp.workspaces(workspace)
);
-- row-level security, forced
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: insert, select, update

create table vp.old_secrets (
  workspace text not null,
  source text not null,
  secret integer not null,
  sealed text not null,
  since bigint not null default vp.now_ms(),
  until bigint not null,
  PRIMARY KEY (workspace, source, secret),
  FOREIGN KEY (workspace, source) REFERENCES vp.sources(workspace, source) ON DELETE CASCADE
);
-- row-level security, forced
--   policy lookup for select to vp_lookup using (true)
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: delete, insert, select; vp_lookup: select

create table vp.old_target_secrets (
  workspace text not null,
  connection text not null,
  secret integer not null,
  sealed text not null,
  since bigint not null default vp.now_ms(),
  until bigint not null,
  PRIMARY KEY (workspace, connection, secret),
  FOREIGN KEY (workspace, connection) REFERENCES vp.connections(workspace, connection) ON DELETE CASCADE
);
-- row-level security, forced
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: delete, insert, select

create table vp.orders (
  workspace text not null,
  order text not null,
  runner text not null,
  position bigint not null generated always as identity,
  body json not null,
  created_at bigint not null default vp.now_ms(),
  expires_at bigint,
  done_at bigint,
  PRIMARY KEY (workspace, "order")
);
CREATE INDEX orders_open ON vp.orders USING btree (workspace, runner, "position") WHERE (done_at IS NULL);
-- row-level security, forced
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: delete, insert, select, update

create table vp.pairings (
  pairing text not null,
  code_hash text not null,
  key json not null,
  thumbprint text not null,
  words text[] not null,
  name text,
  pool text,
  capabilities json not null,
  address text not null,
  state text not null default 'waiting'::text,
  workspace text,
  runner text,
  why text,
  created_at bigint not null default vp.now_ms(),
  expires_at bigint not null,
  PRIMARY KEY (pairing),
  FOREIGN KEY (workspace) REFERENCES vp.workspaces(workspace),
  CHECK ((state = ANY (ARRAY['waiting'::text, 'approved'::text, 'refused'::text])))
);
CREATE UNIQUE INDEX pairings_code ON vp.pairings USING btree (code_hash) WHERE (state = 'waiting'::text);
-- row-level security, forced
--   policy lookup for all to vp_lookup using (true) with check (true)
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: select; vp_lookup: delete, insert, select, update

create table vp.people (
  workspace text not null,
  person text not null,
  handle text not null,
  name text not null,
  email text,
  role text not null,
  active boolean not null default true,
  created_at bigint not null default vp.now_ms(),
  UNIQUE (workspace, handle),
  PRIMARY KEY (workspace, person),
  FOREIGN KEY (workspace) REFERENCES vp.workspaces(workspace),
  CHECK ((role = ANY (ARRAY['admin'::text, 'member'::text])))
);
-- row-level security, forced
--   policy lookup for select to vp_lookup using (true)
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: delete, insert, select, update; vp_lookup: select

create table vp.person_accounts (
  workspace text not null,
  account text not null,
  person text not null,
  name text not null,
  PRIMARY KEY (workspace, account),
  FOREIGN KEY (workspace, person) REFERENCES vp.people(workspace, person)
);
-- row-level security, forced
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: delete, insert, select, update

create table vp.polls (
  workspace text not null,
  connection text not null,
  stream text not null,
  cursor json,
  next_at bigint not null default vp.now_ms(),
  failures integer not null default 0,
  problem text,
  lost text,
  lost_at bigint,
  asked_at bigint,
  PRIMARY KEY (workspace, connection, stream),
  FOREIGN KEY (workspace, connection) REFERENCES vp.connections(workspace, connection) ON DELETE CASCADE
);
CREATE INDEX polls_next ON vp.polls USING btree (workspace, next_at);
-- row-level security, forced
--   policy lookup for select to vp_lookup using (true)
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: delete, insert, select, update; vp_lookup: select

create table vp.pools (
  workspace text not null,
  name text not null,
  created_at bigint not null default vp.now_ms(),
  PRIMARY KEY (workspace, name),
  FOREIGN KEY (workspace) REFERENCES vp.workspaces(workspace)
);
-- row-level security, forced
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: delete, insert, select, update

create table vp.queued_starts (
  workspace text not null,
  position bigint not null generated always as identity,
  slot text not null,
  delivery text not null,
  workflow text not null,
  version integer not null,
  trigger integer not null,
  queued_at bigint not null default vp.now_ms(),
  start bigint,
  unasked_since bigint,
  ask_at bigint,
  run text,
  UNIQUE (workspace, delivery, workflow),
  PRIMARY KEY (workspace, "position"),
  FOREIGN KEY (workspace, delivery) REFERENCES vp.deliveries(workspace, delivery),
  FOREIGN KEY (workspace) REFERENCES vp.workspaces(workspace)
);
CREATE INDEX queued_starts_slot ON vp.queued_starts USING btree (workspace, slot, "position");
-- row-level security, forced
--   policy lookup for select to vp_lookup using (true)
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: delete, insert, select, update; vp_lookup: select

create table vp.reports (
  workspace text not null,
  lease text not null,
  epoch integer not null,
  seq integer not null,
  digest text not null,
  at bigint not null default vp.now_ms(),
  run text,
  fact integer,
  text text,
  signature text,
  PRIMARY KEY (workspace, lease, epoch, seq)
);
CREATE INDEX reports_of_run ON vp.reports USING btree (workspace, run, fact) WHERE (fact IS NOT NULL);
-- row-level security, forced
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: insert, select

create table vp.repositories (
  workspace text not null,
  repo text not null,
  name text not null,
  url text not null,
  default_branch text not null default 'main'::text,
  created_at bigint not null default vp.now_ms(),
  at_once integer,
  agent_settings text not null default 'off'::text,
  UNIQUE (workspace, name),
  PRIMARY KEY (workspace, repo),
  FOREIGN KEY (workspace) REFERENCES vp.workspaces(workspace),
  CHECK ((agent_settings = ANY (ARRAY['off'::text, 'base'::text]))),
  CHECK ((at_once > 0))
);
-- row-level security, forced
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: delete, insert, select, update

create table vp.run_statuses (
  workspace text not null,
  run text not null,
  tool text not null,
  target text not null,
  begun_at bigint,
  message text,
  shown text,
  shown_seq integer not null default 0,
  failures integer not null default 0,
  problem text,
  nonce text,
  next_at bigint not null default vp.now_ms(),
  held_until bigint not null default 0,
  done_at bigint,
  waits integer not null default 0,
  delivery text,
  waiting text,
  waiting_shown text,
  PRIMARY KEY (workspace, run)
);
CREATE INDEX run_statuses_next ON vp.run_statuses USING btree (workspace, next_at) WHERE (done_at IS NULL);
CREATE INDEX run_statuses_nonce ON vp.run_statuses USING btree (workspace, nonce) WHERE (nonce IS NOT NULL);
-- row-level security, forced
--   policy lookup for select to vp_lookup using (true)
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: insert, select, update; vp_lookup: select

create table vp.runners (
  workspace text not null,
  runner text not null,
  name text not null,
  pool text not null,
  key json not null,
  thumbprint text not null,
  words text[] not null,
  capabilities json not null,
  repositories text[] not null default '{}'::text[],
  owner text,
  state text not null default 'active'::text,
  online boolean not null default false,
  seen_at bigint,
  paired_at bigint not null default vp.now_ms(),
  paired_by text not null,
  removed_at bigint,
  no_wall json,
  instance text not null default ''::text,
  doubled json,
  former text[] not null default '{}'::text[],
  transport text not null default 'polling'::text,
  PRIMARY KEY (workspace, runner),
  FOREIGN KEY (workspace) REFERENCES vp.workspaces(workspace),
  CHECK ((state = ANY (ARRAY['active'::text, 'draining'::text, 'removed'::text]))),
  CHECK ((transport = ANY (ARRAY['polling'::text, 'relay'::text])))
);
CREATE INDEX runners_online ON vp.runners USING btree (workspace, seen_at) WHERE online;
CREATE UNIQUE INDEX runners_name ON vp.runners USING btree (workspace, name) WHERE (state <> 'removed'::text);
CREATE UNIQUE INDEX runners_runner ON vp.runners USING btree (runner);
CREATE UNIQUE INDEX runners_thumbprint ON vp.runners USING btree (thumbprint) WHERE (state <> 'removed'::text);
-- row-level security, forced
--   policy lookup for select to vp_lookup using (true)
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: insert, select, update; vp_lookup: select

create table vp.runs (
  workspace text not null,
  run text not null,
  number bigint not null,
  seq integer not null,
  hash text not null,
  state json not null,
  spec json not null,
  status text not null,
  outcome text,
  workflow text not null,
  workflow_name text not null,
  workflow_version integer not null,
  title text not null,
  source text not null,
  delivery text,
  requester text,
  waiting text,
  pool text not null,
  runner text,
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
  shown json not null default '{}'::json,
  slot text,
  fold integer not null default 1,
  rehearsal boolean not null default false,
  branch text,
  PRIMARY KEY (workspace, run),
  CHECK ((status = ANY (ARRAY['waiting'::text, 'running'::text, 'finished'::text])))
);
CREATE INDEX runs_branch ON vp.runs USING btree (workspace, branch);
CREATE INDEX runs_cancelling ON vp.runs USING btree (workspace, cancelling_at) WHERE ((cancelling_at IS NOT NULL) AND (finished_at IS NULL));
CREATE INDEX runs_finished ON vp.runs USING btree (workspace, finished_at DESC) WHERE (finished_at IS NOT NULL);
CREATE INDEX runs_fold ON vp.runs USING btree (fold, workspace);
CREATE INDEX runs_newest ON vp.runs USING btree (workspace, started_at DESC, run DESC);
CREATE INDEX runs_of_runner ON vp.runs USING btree (workspace, runner) WHERE ((runner IS NOT NULL) AND (finished_at IS NULL));
CREATE INDEX runs_slot ON vp.runs USING btree (workspace, slot) WHERE ((slot IS NOT NULL) AND (finished_at IS NULL));
CREATE INDEX runs_status ON vp.runs USING btree (workspace, status, started_at DESC);
CREATE INDEX runs_workflow ON vp.runs USING btree (workspace, workflow, started_at DESC);
CREATE UNIQUE INDEX runs_number ON vp.runs USING btree (workspace, number);
-- row-level security, forced
--   policy lookup for select to vp_lookup using (true)
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: delete, insert, select, update; vp_lookup: select

create table vp.schedules (
  workspace text not null,
  workflow text not null,
  trigger integer not null,
  cron text not null,
  timezone text not null,
  next_at bigint not null,
  PRIMARY KEY (workspace, workflow, trigger),
  FOREIGN KEY (workspace) REFERENCES vp.workspaces(workspace),
  FOREIGN KEY (workspace, workflow) REFERENCES vp.workflows(workspace, workflow)
);
CREATE INDEX schedules_next ON vp.schedules USING btree (workspace, next_at);
-- row-level security, forced
--   policy lookup for select to vp_lookup using (true)
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: delete, insert, select, update; vp_lookup: select

create table vp.seen_events (
  workspace text not null,
  tool text not null,
  event text not null,
  delivery text not null,
  at bigint not null default vp.now_ms(),
  keep boolean not null default false,
  PRIMARY KEY (workspace, tool, event),
  FOREIGN KEY (workspace) REFERENCES vp.workspaces(workspace)
);
CREATE INDEX seen_events_old ON vp.seen_events USING btree (workspace, tool, at) WHERE (NOT keep);
-- row-level security, forced
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: delete, insert, select, update

create table vp.served (
  workspace text not null,
  run text not null,
  times integer not null default 0,
  bytes bigint not null default 0,
  PRIMARY KEY (workspace, run)
);
-- row-level security, forced
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: insert, select, update

create table vp.sessions (
  workspace text not null,
  hash text not null,
  person text not null,
  created_at bigint not null default vp.now_ms(),
  seen_at bigint not null default vp.now_ms(),
  expires_at bigint not null,
  agent text,
  passkey_at bigint,
  csrf text not null default ''::text,
  by_token text,
  PRIMARY KEY (workspace, hash),
  FOREIGN KEY (workspace, person) REFERENCES vp.people(workspace, person),
  CHECK ((by_token = ANY (ARRAY['token'::text, 'local'::text])))
);
CREATE UNIQUE INDEX sessions_hash ON vp.sessions USING btree (hash);
-- row-level security, forced
--   policy lookup for select to vp_lookup using (true)
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: delete, insert, select, update; vp_lookup: select

create table vp.settings (
  workspace text not null,
  name text not null,
  value json not null,
  changed_at bigint not null default vp.now_ms(),
  PRIMARY KEY (workspace, name),
  FOREIGN KEY (workspace) REFERENCES vp.workspaces(workspace)
);
-- row-level security, forced
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: delete, insert, select, update

create table vp.sign_in_links (
  workspace text not null,
  hash text not null,
  person text not null,
  lands_on text not null default '/'::text,
  made_by text,
  created_at bigint not null default vp.now_ms(),
  expires_at bigint not null,
  used_at bigint,
  by_token text,
  PRIMARY KEY (workspace, hash),
  FOREIGN KEY (workspace, person) REFERENCES vp.people(workspace, person),
  CHECK ((by_token = ANY (ARRAY['token'::text, 'local'::text])))
);
CREATE UNIQUE INDEX sign_in_links_hash ON vp.sign_in_links USING btree (hash);
-- row-level security, forced
--   policy lookup for all to vp_lookup using (true) with check (true)
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: delete, insert, select, update; vp_lookup: select; column used_at vp_lookup: update

create table vp.sources (
  workspace text not null,
  source text not null,
  kind text not null default 'webhook'::text,
  name text not null,
  sealed text not null,
  created_at bigint not null default vp.now_ms(),
  created_by text,
  last_at bigint,
  removed_at bigint,
  connection text,
  accounts text[],
  signing integer not null default 1,
  PRIMARY KEY (workspace, source),
  FOREIGN KEY (workspace) REFERENCES vp.workspaces(workspace)
);
CREATE UNIQUE INDEX sources_source ON vp.sources USING btree (source);
-- row-level security, forced
--   policy lookup for select to vp_lookup using (true)
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: delete, insert, select, update; vp_lookup: select

create table vp.starts (
  workspace text not null,
  start bigint not null generated always as identity,
  workflow text not null,
  subject text not null,
  run text,
  chain integer not null,
  at bigint not null default vp.now_ms(),
  made bigint,
  actor text,
  delivery text,
  counts boolean not null default true,
  told text[],
  PRIMARY KEY (workspace, start),
  FOREIGN KEY (workspace) REFERENCES vp.workspaces(workspace)
);
CREATE INDEX starts_at ON vp.starts USING btree (workspace, at);
CREATE INDEX starts_run ON vp.starts USING btree (workspace, run);
CREATE INDEX starts_subject ON vp.starts USING btree (workspace, workflow, subject, at);
-- row-level security, forced
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: delete, insert, select, update

create table vp.stuck_effects (
  workspace text not null,
  intent text not null,
  run text not null,
  since bigint not null,
  shown json not null,
  PRIMARY KEY (workspace, intent),
  FOREIGN KEY (workspace) REFERENCES vp.workspaces(workspace)
);
CREATE INDEX stuck_effects_run ON vp.stuck_effects USING btree (workspace, run);
CREATE INDEX stuck_effects_since ON vp.stuck_effects USING btree (workspace, since, intent);
-- row-level security, forced
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: delete, insert, select, update

create table vp.team_members (
  workspace text not null,
  team text not null,
  person text not null,
  PRIMARY KEY (workspace, team, person),
  FOREIGN KEY (workspace, person) REFERENCES vp.people(workspace, person),
  FOREIGN KEY (workspace, team) REFERENCES vp.teams(workspace, team)
);
CREATE INDEX team_members_person ON vp.team_members USING btree (workspace, person);
-- row-level security, forced
--   policy lookup for select to vp_lookup using (true)
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: delete, insert, select, update; vp_lookup: select

create table vp.teams (
  workspace text not null,
  team text not null,
  slug text not null,
  name text not null,
  created_at bigint not null default vp.now_ms(),
  UNIQUE (workspace, slug),
  PRIMARY KEY (workspace, team),
  FOREIGN KEY (workspace) REFERENCES vp.workspaces(workspace)
);
-- row-level security, forced
--   policy lookup for select to vp_lookup using (true)
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: delete, insert, select, update; vp_lookup: select

create table vp.touched (
  workspace text not null,
  tool text not null,
  ref text not null,
  run text not null,
  at bigint not null default vp.now_ms(),
  PRIMARY KEY (workspace, tool, ref, run),
  FOREIGN KEY (workspace) REFERENCES vp.workspaces(workspace)
);
CREATE INDEX touched_at ON vp.touched USING btree (workspace, at);
-- row-level security, forced
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: delete, insert, select, update

create unlogged table vp.tries (
  subject text not null,
  count integer not null,
  until_at bigint not null,
  PRIMARY KEY (subject)
);
-- no row-level security
-- rights: vp_lookup: delete, insert, select, update

create table vp.turns (
  workspace text not null,
  pool text not null,
  workflow text not null,
  served bigint not null,
  PRIMARY KEY (workspace, pool, workflow),
  FOREIGN KEY (workspace) REFERENCES vp.workspaces(workspace)
);
-- row-level security, forced
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: delete, insert, select, update

create table vp.watches (
  workspace text not null,
  run text not null,
  tool text not null,
  ref text not null,
  home text not null,
  head text,
  state text not null,
  next_at bigint not null default vp.now_ms(),
  held_until bigint not null default 0,
  failures integer not null default 0,
  problem text,
  seen_at bigint,
  moved_at bigint not null default vp.now_ms(),
  PRIMARY KEY (workspace, run),
  FOREIGN KEY (workspace) REFERENCES vp.workspaces(workspace),
  FOREIGN KEY (workspace, run) REFERENCES vp.runs(workspace, run) ON DELETE CASCADE
);
CREATE INDEX watches_home ON vp.watches USING btree (workspace, tool, home);
CREATE INDEX watches_next ON vp.watches USING btree (workspace, next_at);
CREATE INDEX watches_ref ON vp.watches USING btree (workspace, tool, ref);
-- row-level security, forced
--   policy lookup for select to vp_lookup using (true)
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: delete, insert, select, update; vp_lookup: select

create table vp.whispers (
  workspace text not null,
  connection text not null,
  account text not null,
  delivery text not null,
  place text not null,
  reason text not null,
  known boolean not null,
  asked_at bigint not null default vp.now_ms(),
  next_at bigint not null default vp.now_ms(),
  begun_at bigint,
  done_at bigint,
  problem text,
  PRIMARY KEY (workspace, connection, account)
);
CREATE INDEX whispers_next ON vp.whispers USING btree (workspace, next_at) WHERE ((begun_at IS NULL) AND (done_at IS NULL));
-- row-level security, forced
--   policy lookup for select to vp_lookup using (true)
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: delete, insert, select, update; vp_lookup: select

create table vp.work (
  workspace text not null,
  run text not null,
  key text not null,
  kind text not null,
  step text not null,
  attempt integer not null,
  round integer not null default 1,
  intent text,
  agent text,
  mode text,
  pool text not null,
  isolation text,
  requires text[] not null default '{}'::text[],
  repos text[] not null default '{}'::text[],
  runner text,
  priority integer not null default 0,
  state text not null default 'ready'::text,
  epoch integer,
  lease text,
  ready_at bigint not null default vp.now_ms(),
  why text,
  workflow text not null default ''::text,
  model text,
  PRIMARY KEY (workspace, run, key),
  CHECK ((kind = ANY (ARRAY['agent'::text, 'checks'::text, 'effect'::text]))),
  CHECK ((state = ANY (ARRAY['ready'::text, 'leased'::text])))
);
CREATE INDEX work_ready ON vp.work USING btree (workspace, pool, priority DESC, ready_at) WHERE (state = 'ready'::text);
CREATE INDEX work_turns ON vp.work USING btree (workspace, pool, workflow, priority DESC, ready_at) WHERE (state = 'ready'::text);
-- row-level security, forced
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: delete, insert, select, update

create table vp.workflow_versions (
  workspace text not null,
  workflow text not null,
  version integer not null,
  digest text not null,
  source text not null,
  compiled json not null,
  note text,
  saved_by text not null,
  saved_at bigint not null default vp.now_ms(),
  PRIMARY KEY (workspace, workflow, version),
  FOREIGN KEY (workspace, workflow) REFERENCES vp.workflows(workspace, workflow)
);
-- row-level security, forced
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: insert, select

create table vp.workflows (
  workspace text not null,
  workflow text not null,
  name text not null,
  team text,
  enabled boolean not null default false,
  version integer not null default 0,
  created_at bigint not null default vp.now_ms(),
  UNIQUE (workspace, name),
  PRIMARY KEY (workspace, workflow),
  FOREIGN KEY (workspace) REFERENCES vp.workspaces(workspace)
);
-- row-level security, forced
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: delete, insert, select, update

create table vp.workspaces (
  workspace text not null,
  slug text not null,
  name text not null,
  sample boolean not null default false,
  bodies text not null default 'edge'::text,
  created_at bigint not null default vp.now_ms(),
  PRIMARY KEY (workspace),
  CHECK ((bodies = ANY (ARRAY['edge'::text, 'stored'::text]))),
  CHECK ((workspace ~ '^ws_[0-9a-z]{1,26}$'::text))
);
CREATE UNIQUE INDEX workspaces_slug ON vp.workspaces USING btree (slug);
-- row-level security, forced
--   policy lookup for select to vp_lookup using (true)
--   policy tenant for all to public using ((workspace = current_setting('vp.workspace'::text, true))) with check ((workspace = current_setting('vp.workspace'::text, true)))
-- rights: vp_app: insert, select, update; vp_lookup: select

CREATE OR REPLACE FUNCTION vp.asker_of_session(p_hash text)
 RETURNS TABLE(workspace text, person text, handle text, name text, role text, teams text[], csrf text, by_token text, created_at bigint, seen_at bigint, now bigint)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'vp', 'pg_temp'
AS $function$ select s.workspace, s.person, p.handle, p.name, p.role,
      array(select t.slug from team_members m join teams t on t.workspace = m.workspace and t.team = m.team where m.workspace = s.workspace and m.person = s.person order by t.slug),
      s.csrf, s.by_token, s.created_at, s.seen_at, now_ms()
    from sessions s join people p using (workspace, person) where s.hash = p_hash and s.expires_at > now_ms() and p.active $function$;
-- owner vp_lookup; vp_app: execute

CREATE OR REPLACE FUNCTION vp.asker_of_token(p_hash text)
 RETURNS TABLE(workspace text, token text, person text, handle text, name text, role text, teams text[], by_token text, used_at bigint, now bigint)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'vp', 'pg_temp'
AS $function$ select k.workspace, k.token, k.person, p.handle, p.name, p.role,
      array(select t.slug from team_members m join teams t on t.workspace = m.workspace and t.team = m.team where m.workspace = k.workspace and m.person = k.person order by t.slug),
      case when k.local then 'local' else 'token' end, k.used_at, now_ms()
    from api_tokens k join people p using (workspace, person) where k.hash = p_hash and k.expires_at > now_ms() and k.revoked_at is null and p.active $function$;
-- owner vp_lookup; vp_app: execute

CREATE OR REPLACE FUNCTION vp.body_left()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'vp', 'pg_temp'
AS $function$
begin
  perform from delivery_bodies b where b.workspace = old.workspace and b.source = old.source and b.digest = old.body_digest for update;
  delete from delivery_bodies b where b.workspace = old.workspace and b.source = old.source and b.digest = old.body_digest
    and not exists (select from deliveries d where d.workspace = b.workspace and d.source = b.source and d.body_digest = b.digest);
  return null;
end $function$;
-- owner vp_owner; nobody else

CREATE OR REPLACE FUNCTION vp.connections_of_tools(p_tools text[], p_limit integer)
 RETURNS TABLE(workspace text, connection text, tool text, settings_at bigint)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'vp', 'pg_temp'
AS $function$ select workspace, connection, tool, settings_at from (select c.*, row_number() over (partition by c.workspace order by c.created_at, c.connection) as place from connections c where c.tool = any(p_tools) and c.removed_at is null) c
    order by place, created_at, connection limit p_limit $function$;
-- owner vp_lookup; vp_app: execute

CREATE OR REPLACE FUNCTION vp.deliveries_keep(p_workspace text, p_bodies text[], p_deliveries text[], p_sources text[], p_ids text[], p_body integer[], p_shared boolean[], p_times integer[], p_tools text[], p_media text[], p_headers text[], p_came text, p_signing integer[], p_old integer[])
 RETURNS TABLE(delivery text, source text, id text, fresh boolean)
 LANGUAGE plpgsql
 SET search_path TO 'vp', 'pg_temp'
AS $function$
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
end $function$;
-- owner vp_owner; vp_app: execute

CREATE OR REPLACE FUNCTION vp.deliveries_waiting(p_before bigint, p_limit integer)
 RETURNS SETOF text
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'vp', 'pg_temp'
AS $function$ with recursive w as (
      (select workspace from deliveries where state = 'stored' order by workspace limit 1)
      union all
      select (select d.workspace from deliveries d where d.state = 'stored' and d.workspace > w.workspace order by d.workspace limit 1) from w where w.workspace is not null
    ) select w.workspace from w where w.workspace is not null and exists (select from deliveries d where d.workspace = w.workspace and d.state = 'stored' and d.received_at < p_before) limit p_limit $function$;
-- owner vp_lookup; vp_app: execute

CREATE OR REPLACE FUNCTION vp.dpop_first(p_thumbprint text, p_jti text, p_ttl_ms bigint)
 RETURNS boolean
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'vp', 'pg_temp'
AS $function$ with i as (insert into dpop_seen values (p_thumbprint, p_jti, now_ms() + p_ttl_ms) on conflict do nothing returning 1) select exists (select from i) $function$;
-- owner vp_lookup; vp_app: execute

CREATE OR REPLACE FUNCTION vp.dpop_forget()
 RETURNS bigint
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'vp', 'pg_temp'
AS $function$ with d as (delete from dpop_seen where expires_at < now_ms() returning 1), t as (delete from tries where until_at < now_ms() returning 1) select (select count(*) from d) + (select count(*) from t) $function$;
-- owner vp_lookup; vp_app: execute

CREATE OR REPLACE FUNCTION vp.due_waiting(p_stale bigint, p_each integer, p_room integer, p_but text[])
 RETURNS TABLE(workspace text, kind text, key text, run text, at bigint, enqueued_at bigint)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'vp', 'pg_temp'
AS $function$ select d.* from workspaces w cross join lateral (
      (select t.workspace, t.kind, t.key, t.run, t.at, t.enqueued_at from due t where t.workspace = w.workspace and t.done_at is null and t.enqueued_at < p_stale order by t.enqueued_at limit p_each)
      union all
      (select u.workspace, u.kind, u.key, u.run, u.at, u.enqueued_at from due u where u.workspace = w.workspace and u.done_at is null and u.enqueued_at is null and u.at <= vp.now_ms() order by u.at, u.key
        limit greatest(0, p_room - (select count(*) from due h where h.workspace = w.workspace and h.done_at is null and h.enqueued_at is not null)))
    ) d where w.workspace <> all(p_but) $function$;
-- owner vp_lookup; vp_app: execute

CREATE OR REPLACE FUNCTION vp.gates_over(p_each integer, p_but text[])
 RETURNS TABLE(workspace text, run text, gate text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'vp', 'pg_temp'
AS $function$ select d.* from workspaces w cross join lateral (select g.workspace, g.run, g.gate from gates g
    where g.workspace = w.workspace and g.state = 'open' and (g.expires_at is not null or g.remind_at is not null) and least(g.expires_at, g.remind_at) <= vp.now_ms() order by least(g.expires_at, g.remind_at) limit p_each) d where w.workspace <> all(p_but) $function$;
-- owner vp_lookup; vp_app: execute

CREATE OR REPLACE FUNCTION vp.leases_over(p_each integer, p_but text[])
 RETURNS TABLE(workspace text, lease text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'vp', 'pg_temp'
AS $function$ select d.* from workspaces w cross join lateral (select l.workspace, l.lease from leases l
    where l.workspace = w.workspace and l.state in ('offered', 'held') and l.expires_at < vp.now_ms() order by l.expires_at limit p_each) d where w.workspace <> all(p_but) $function$;
-- owner vp_lookup; vp_app: execute

CREATE OR REPLACE FUNCTION vp.ledger_append(p_workspace text, p_facts json, p_seq integer, p_hash text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'vp', 'pg_temp'
AS $function$
declare
  n int := json_array_length(p_facts);
  first bigint;
begin
  update heads set position = position + n, seq = coalesce(p_seq, seq), hash = coalesce(p_hash, hash)
    where workspace = p_workspace returning position - n into first;
  if not found then
    raise exception 'There is no workspace %: % facts were not stored.', p_workspace, n;
  end if;
  insert into facts (workspace, run, seq, position, at, type, text, hash)
    select p_workspace, f.run, f.seq, first + f.n, f.at, f.type, f.text, f.hash
      from rows from (json_to_recordset(p_facts) as (run text, seq int, at bigint, type text, text text, hash text)) with ordinality as f (run, seq, at, type, text, hash, n);
end $function$;
-- owner vp_owner; vp_app: execute

CREATE OR REPLACE FUNCTION vp.now_ms()
 RETURNS bigint
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$ select (extract(epoch from statement_timestamp()) * 1000)::bigint $function$;
-- owner vp_owner; vp_app: execute; vp_lookup: execute

CREATE OR REPLACE FUNCTION vp.pairing_begin(p_pairing text, p_code_hash text, p_key json, p_thumbprint text, p_words text[], p_name text, p_pool text, p_capabilities json, p_address text, p_ttl_ms bigint)
 RETURNS bigint
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'vp', 'pg_temp'
AS $function$ insert into pairings (pairing, code_hash, key, thumbprint, words, name, pool, capabilities, address, expires_at) values (p_pairing, p_code_hash, p_key, p_thumbprint, p_words, p_name, p_pool, p_capabilities, p_address, now_ms() + p_ttl_ms) returning expires_at $function$;
-- owner vp_lookup; vp_app: execute

CREATE OR REPLACE FUNCTION vp.pairing_by_code(p_code_hash text)
 RETURNS SETOF vp.pairings
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'vp', 'pg_temp'
AS $function$ select * from pairings where code_hash = p_code_hash and state = 'waiting' and expires_at > now_ms() $function$;
-- owner vp_lookup; vp_app: execute

CREATE OR REPLACE FUNCTION vp.pairing_by_id(p_pairing text)
 RETURNS SETOF vp.pairings
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'vp', 'pg_temp'
AS $function$ select * from pairings where pairing = p_pairing $function$;
-- owner vp_lookup; vp_app: execute

CREATE OR REPLACE FUNCTION vp.pairing_decide(p_pairing text, p_runner text, p_why text)
 RETURNS boolean
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'vp', 'pg_temp'
AS $function$ with u as (update pairings set state = case when p_runner is null then 'refused' else 'approved' end, runner = p_runner, why = p_why, workspace = nullif(current_setting('vp.workspace', true), '') where pairing = p_pairing and state = 'waiting' and expires_at > now_ms() and nullif(current_setting('vp.workspace', true), '') is not null returning 1) select exists (select from u) $function$;
-- owner vp_lookup; vp_app: execute

CREATE OR REPLACE FUNCTION vp.pairings_forget()
 RETURNS bigint
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'vp', 'pg_temp'
AS $function$ with d as (delete from pairings where expires_at < now_ms() - 86400000 returning 1) select count(*) from d $function$;
-- owner vp_lookup; vp_app: execute

CREATE OR REPLACE FUNCTION vp.polls_due(p_each integer, p_but text[])
 RETURNS TABLE(workspace text, connection text, stream text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'vp', 'pg_temp'
AS $function$ select d.* from workspaces w cross join lateral (select p.workspace, p.connection, p.stream from polls p
    where p.workspace = w.workspace and p.next_at <= vp.now_ms() and p.workspace || ' ' || p.connection <> all(p_but) order by p.next_at limit p_each) d $function$;
-- owner vp_lookup; vp_app: execute

CREATE OR REPLACE FUNCTION vp.run_statuses_due(p_each integer, p_but text[])
 RETURNS TABLE(workspace text, run text, tool text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'vp', 'pg_temp'
AS $function$ select d.* from workspaces w cross join lateral (select s.workspace, s.run, s.tool from run_statuses s left join runs r on r.workspace = s.workspace and r.run = s.run
    where s.workspace = w.workspace and s.done_at is null and s.next_at <= vp.now_ms() and s.held_until <= vp.now_ms() and s.workspace || ' ' || s.tool <> all(p_but)
      and (r.seq > s.shown_seq or (r.run is null and s.waiting is distinct from s.waiting_shown)) order by s.next_at limit p_each) d $function$;
-- owner vp_lookup; vp_app: execute

CREATE OR REPLACE FUNCTION vp.runner_of(p_runner text)
 RETURNS TABLE(workspace text, key json, thumbprint text, state text, instance text, pool text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'vp', 'pg_temp'
AS $function$ select workspace, key, thumbprint, state, instance, pool from runners where runner = p_runner $function$;
-- owner vp_lookup; vp_app: execute

CREATE OR REPLACE FUNCTION vp.runners_silent(p_since bigint, p_each integer, p_but text[])
 RETURNS TABLE(workspace text, runner text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'vp', 'pg_temp'
AS $function$ select d.* from workspaces w cross join lateral (select r.workspace, r.runner from runners r
    where r.workspace = w.workspace and r.online and r.seen_at < p_since order by r.seen_at limit p_each) d where w.workspace <> all(p_but) $function$;
-- owner vp_lookup; vp_app: execute

CREATE OR REPLACE FUNCTION vp.runs_cancelling(p_before bigint, p_each integer, p_but text[])
 RETURNS TABLE(workspace text, run text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'vp', 'pg_temp'
AS $function$ select d.* from workspaces w cross join lateral (select r.workspace, r.run from runs r
    where r.workspace = w.workspace and r.cancelling_at < p_before and r.finished_at is null order by r.cancelling_at limit p_each) d where w.workspace <> all(p_but) $function$;
-- owner vp_lookup; vp_app: execute

CREATE OR REPLACE FUNCTION vp.runs_of_other_folds(p_fold integer)
 RETURNS TABLE(workspace text, runs bigint, newest integer)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'vp', 'pg_temp'
AS $function$ select workspace, count(*), max(fold) from runs where fold < p_fold or fold > p_fold group by workspace order by workspace $function$;
-- owner vp_lookup; vp_app: execute

CREATE OR REPLACE FUNCTION vp.schedules_due(p_each integer, p_but text[])
 RETURNS TABLE(workspace text, workflow text, trigger integer)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'vp', 'pg_temp'
AS $function$ select d.* from workspaces w cross join lateral (select s.workspace, s.workflow, s.trigger from schedules s
    where s.workspace = w.workspace and s.next_at <= vp.now_ms() order by s.next_at limit p_each) d where w.workspace <> all(p_but) $function$;
-- owner vp_lookup; vp_app: execute

CREATE OR REPLACE FUNCTION vp.sign_in_link_of(p_hash text)
 RETURNS TABLE(workspace text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'vp', 'pg_temp'
AS $function$ select l.workspace from sign_in_links l where l.hash = p_hash and l.used_at is null and l.expires_at > now_ms() $function$;
-- owner vp_lookup; vp_app: execute

CREATE OR REPLACE FUNCTION vp.source_of(p_source text)
 RETURNS TABLE(workspace text, kind text, name text, sealed text, connection text, signing integer, old json)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'vp', 'pg_temp'
AS $function$ select workspace, kind, name, sealed, connection, signing,
      (select coalesce(json_agg(json_build_object('secret', o.secret, 'sealed', o.sealed, 'until', o.until) order by o.secret desc), '[]'::json)
        from old_secrets o where o.workspace = s.workspace and o.source = s.source and o.until > vp.now_ms())
    from sources s where source = p_source and removed_at is null $function$;
-- owner vp_lookup; vp_app: execute

CREATE OR REPLACE FUNCTION vp.starts_waiting()
 RETURNS SETOF text
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'vp', 'pg_temp'
AS $function$ select distinct workspace from queued_starts $function$;
-- owner vp_lookup; vp_app: execute

CREATE OR REPLACE FUNCTION vp.tenant_table(target regclass)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  execute format('alter table %s enable row level security', target);
  execute format('alter table %s force row level security', target);
  execute format('create policy tenant on %s using (workspace = current_setting(''vp.workspace'', true)) with check (workspace = current_setting(''vp.workspace'', true))', target);
end $function$;
-- owner vp_owner; nobody else

CREATE OR REPLACE FUNCTION vp.try_counted(p_subject text, p_add integer, p_window_ms bigint)
 RETURNS TABLE(count integer, until_at bigint)
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'vp', 'pg_temp'
AS $function$ insert into tries as t values (p_subject, p_add, now_ms() + p_window_ms) on conflict (subject) do update set count = case when t.until_at < now_ms() then excluded.count else t.count + p_add end, until_at = case when t.until_at < now_ms() then excluded.until_at else t.until_at end returning t.count, t.until_at $function$;
-- owner vp_lookup; vp_app: execute

CREATE OR REPLACE FUNCTION vp.watches_due(p_each integer, p_but text[])
 RETURNS TABLE(workspace text, run text, tool text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'vp', 'pg_temp'
AS $function$ select d.* from workspaces w cross join lateral (select a.workspace, a.run, a.tool from watches a
    where a.workspace = w.workspace and a.next_at <= vp.now_ms() and a.held_until <= vp.now_ms() and a.workspace || ' ' || a.tool <> all(p_but) order by a.next_at limit p_each) d $function$;
-- owner vp_lookup; vp_app: execute

CREATE OR REPLACE FUNCTION vp.whispers_due(p_each integer, p_but text[])
 RETURNS TABLE(workspace text, connection text, account text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'vp', 'pg_temp'
AS $function$ select d.* from workspaces w cross join lateral (select h.workspace, h.connection, h.account from whispers h
    where h.workspace = w.workspace and h.begun_at is null and h.done_at is null and h.next_at <= vp.now_ms() and h.workspace || ' ' || h.connection <> all(p_but) order by h.next_at limit p_each) d $function$;
-- owner vp_lookup; vp_app: execute

CREATE OR REPLACE FUNCTION vp.workspace_ids()
 RETURNS SETOF text
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'vp', 'pg_temp'
AS $function$ select workspace from workspaces order by created_at, workspace $function$;
-- owner vp_lookup; vp_app: execute
