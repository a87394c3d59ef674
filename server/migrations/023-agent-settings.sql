-- 023: may agents load the settings that lie in a repository? An admin says so for each; the policy of a runner must say so too.
alter table vp.repositories add column agent_settings text not null default 'off' check (agent_settings in ('off', 'base'));
