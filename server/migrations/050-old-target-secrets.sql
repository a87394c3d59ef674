-- 050: what a webhook target is signed with is changed while its receiver still knows the one before.

-- Secrets of before that messages are signed with as well, until a moment. secret: counts up within the connection.
create table vp.old_target_secrets (
  workspace text not null,
  connection text not null,
  secret int not null,
  sealed text not null,
  since bigint not null default vp.now_ms(),
  until bigint not null,
  primary key (workspace, connection, secret),
  foreign key (workspace, connection) references vp.connections on delete cascade
);
select vp.tenant_table('vp.old_target_secrets');
grant select, insert, delete on vp.old_target_secrets to vp_app;
