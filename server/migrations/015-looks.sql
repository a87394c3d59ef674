-- 015: looks: a runner was asked what work on a repository would use, and says it. Kept for an hour, beside the facts: no run depends on one.
create table vp.looks (workspace text not null, look text not null, runner text not null, asked_by text not null, "order" text not null, url text not null, branch text, state text not null default 'asked' check (state in ('asked', 'looking', 'looked', 'failed')), now text, found json, failure json, asked_at bigint not null default vp.now_ms(), heard_at bigint, expires_at bigint not null, primary key (workspace, look));
create index looks_of_runner on vp.looks (workspace, runner);
select vp.tenant_table('vp.looks');
grant select, insert, update, delete on vp.looks to vp_app;
