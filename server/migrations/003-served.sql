-- 002: what was served to reviewers from runners, per run: "what left the machine".
create table vp.served (workspace text not null, run text not null, times int not null default 0, bytes bigint not null default 0, primary key (workspace, run));
select vp.tenant_table('vp.served');
grant select, insert, update on vp.served to vp_app;
