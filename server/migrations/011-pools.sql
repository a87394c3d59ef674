-- 011: whose turn it is, how much of a repository is worked on at once, runners without a wall, keys that two programs use.

-- Work is given out in turns: of the workflows that wait in a pool, the one that was served longest ago comes first.
-- '': work that was ready before the column was there; it counts as one workflow.
alter table vp.work add column workflow text not null default '';
create index work_turns on vp.work (workspace, pool, workflow, priority desc, ready_at) where state = 'ready';
-- served: microseconds since 1970, by this database's clock.
create table vp.turns (workspace text not null references vp.workspaces, pool text not null, workflow text not null, served bigint not null, primary key (workspace, pool, workflow)) with (fillfactor = 50);
select vp.tenant_table('vp.turns');
grant select, insert, update, delete on vp.turns to vp_app;

-- How many pieces of work may touch the repository at the same time; null: any number. A lease names what it touches.
alter table vp.repositories add column at_once int check (at_once > 0);
alter table vp.leases add column repos text[] not null default '{}';

-- {by, at}: the admin who let agents work on this runner though nothing walls them off from its machine; null: nobody did.
alter table vp.runners add column no_wall json;
-- The program that said hello last, and {at, why} when another one used the same key after it.
alter table vp.runners add column instance text not null default '';
alter table vp.runners add column doubled json;
