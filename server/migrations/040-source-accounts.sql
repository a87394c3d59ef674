-- 040: for which accounts a webhook source may say who did something.

-- Beginnings of account ids (tracker:, github:ghe.acme.dev/). null: of any account, as every source could before; '{}': of none.
alter table vp.sources add column accounts text[];
