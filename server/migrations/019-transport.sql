-- How a runner's calls come now: by polling over HTTPS, or by its relay. What it would like stands in its capabilities.
alter table vp.runners add column transport text not null default 'polling' check (transport in ('polling', 'relay'));
