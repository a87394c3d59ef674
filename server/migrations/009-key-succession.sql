-- 009: a new signing key is vouched for by the one before it, so that runners which pinned that one accept it.
-- A compact JWS by the key before; null for the first.
alter table vp.keys add column succession text;
