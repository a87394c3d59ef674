-- 044: which event a start was of, where several connections of the workspace may tell of it, so that it starts a workflow once.

-- Its names at its tool's server; null where only one connection can tell of it, or the start came to nothing.
alter table vp.starts add column told text[];
