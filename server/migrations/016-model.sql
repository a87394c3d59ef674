-- 016: a step may ask for a model by name; whoever cannot give its agent that one does not get the work.
alter table vp.work add column model text;
