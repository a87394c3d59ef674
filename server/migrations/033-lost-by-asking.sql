-- 033: what asking did not reach is kept for the admin to see, after later askings went well.
alter table vp.polls add column lost text, add column lost_at bigint;
