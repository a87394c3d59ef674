-- 038: how often a status was tried in vain since it was shown last; so many times it is waited for a tool that breaks or is not there.
alter table vp.run_statuses add column waits int not null default 0;
