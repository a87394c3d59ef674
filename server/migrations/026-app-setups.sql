-- 026: Apps of GitHub that are being made by a manifest: from the click until they are installed.
-- state: SHA-256 of the word that GitHub gives back, of the step that comes next; null: nothing comes any more. sealed: the App's key and secret, encrypted with the installation's key.
create table vp.app_setups (
  workspace text not null references vp.workspaces,
  setup text not null,
  person text not null,
  step text not null check (step in ('code', 'installation', 'done')),
  state text,
  name text not null,
  base text not null,
  source text not null,
  app text,
  page text,
  sealed text not null,
  created_at bigint not null default vp.now_ms(),
  primary key (workspace, setup)
);
create unique index app_setups_state on vp.app_setups (workspace, state);
select vp.tenant_table('vp.app_setups');
grant select, insert, update, delete on vp.app_setups to vp_app;
