-- 030: connections whose credential a runner holds: the control plane has no secret to act with.
alter table vp.connections add column held boolean not null default false;
