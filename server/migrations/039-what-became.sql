-- 039: what came of a delivery for each workflow that it fitted, so that a backtest knows what really happened.

-- By workflow: its version, what came of it (started, queued, skipped, same, rests, refused, dropped), and how many runs woke each other before. null: it came before this was kept, or was held against none.
alter table vp.deliveries add column became jsonb;
