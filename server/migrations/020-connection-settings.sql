-- 020: when the settings or secrets of a connection were last changed: what was approved before does not go by it unasked.
alter table vp.connections add column settings_at bigint not null default vp.now_ms();
update vp.connections set settings_at = created_at;
