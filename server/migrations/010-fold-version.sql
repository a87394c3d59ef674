-- 010: every kept state says with which reading of the facts it was made (foldVersion in core), so that a start after an upgrade
-- finds the states it must not read and makes them again. 1: the only reading there was when the column was added.
alter table vp.runs add column fold int not null default 1;
create index runs_fold on vp.runs (fold, workspace); -- changes with an upgrade alone, so updates of a run stay on their page

grant usage, create on schema vp to vp_lookup;
set local role vp_lookup;
-- How many runs of each workspace were made with another reading, and the newest of those readings.
create function vp.runs_of_other_folds(p_fold int) returns table (workspace text, runs bigint, newest int) language sql stable security definer set search_path = vp, pg_temp
  as $$ select workspace, count(*), max(fold) from runs where fold < p_fold or fold > p_fold group by workspace order by workspace $$;
reset role;
set local role vp_owner;
revoke create on schema vp from vp_lookup;
revoke execute on function vp.runs_of_other_folds(int) from public;
grant execute on function vp.runs_of_other_folds(int) to vp_app;
