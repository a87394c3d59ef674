-- 035: which run a branch is of, and which start waits, so that what a run set off is known for its own whoever tells it.

-- A reading of its spec: the one branch that the run writes (refs/heads/vp/…).
alter table vp.runs add column branch text;
create index runs_branch on vp.runs (workspace, branch);

-- The start that was counted when it came (vp.starts); null where nothing is counted.
alter table vp.queued_starts add column start bigint;
