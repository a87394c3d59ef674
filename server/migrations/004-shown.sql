-- 004: how a run and a gate are shown in lists, read from the state in the same transaction as the other columns,
-- so that a board and an inbox need no state.
alter table vp.runs add column shown json not null default '{}';
alter table vp.gates add column shown json not null default '{}';
