-- 032: errands: a runner that holds the credential of a tool was sent to look there, or to keep the message of a run. A row until it is answered or too old; one of a kind for a run.
create table vp.errands (workspace text not null, errand text not null, runner text not null, "order" text not null, connection text not null, what text not null check (what in ('sight', 'status')), run text not null, about json, given_at bigint not null default vp.now_ms(), expires_at bigint not null, primary key (workspace, errand), unique (workspace, run, what), foreign key (workspace, run) references vp.runs on delete cascade);
select vp.tenant_table('vp.errands');
grant select, insert, update, delete on vp.errands to vp_app;
