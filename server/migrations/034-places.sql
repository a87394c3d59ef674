-- 034: what a repository's name at a tool meant when it was first seen, by the number that stays: {"acme/shop": "1296269"}.
alter table vp.connections add column places jsonb not null default '{}';
