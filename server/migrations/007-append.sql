-- 007: facts are appended by one call, so that it can travel with the commit: the lock on the workspace's counter is then
-- held for no round trip, and appends of many clients do not wait for each other's network.
-- p_facts: [{run, seq, at, type, text, hash}]; p_seq, p_hash: the new end of the workspace's own stream, or null.
create function vp.ledger_append(p_workspace text, p_facts json, p_seq int, p_hash text) returns void language plpgsql set search_path = vp, pg_temp as $$
declare
  n int := json_array_length(p_facts);
  first bigint;
begin
  update heads set position = position + n, seq = coalesce(p_seq, seq), hash = coalesce(p_hash, hash)
    where workspace = p_workspace returning position - n into first;
  if not found then
    raise exception 'There is no workspace %: % facts were not stored.', p_workspace, n;
  end if;
  insert into facts (workspace, run, seq, position, at, type, text, hash)
    select p_workspace, f.run, f.seq, first + f.n, f.at, f.type, f.text, f.hash
      from rows from (json_to_recordset(p_facts) as (run text, seq int, at bigint, type text, text text, hash text)) with ordinality as f (run, seq, at, type, text, hash, n);
end $$;
revoke execute on function vp.ledger_append(text, json, int, text) from public;
grant execute on function vp.ledger_append(text, json, int, text) to vp_app;
