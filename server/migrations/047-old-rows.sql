-- 047: what 022, 036 and 037 were to change in rows that were there before them. They named no workspace, and without one a migration sees no row of a tenant:
-- in a database that was upgraded all of it stayed as it was.
do $f$
declare one text;
begin
  for one in select vp.workspace_ids() loop
    perform set_config('vp.workspace', one, true);
    -- 022. What was decided since has its outcome from its verdict.
    update vp.deliveries d set
        workflows = array(select a ->> 'id' from json_array_elements(d.report -> 'answers') a where a ->> 'outcome' in ('starts', 'near_miss')),
        outcome = case
          when d.state = 'refused' then 'refused'
          when d.state = 'failed' then 'set_aside'
          when cardinality(d.runs) > 0 or d.verdict like '% waits for its turn%' then 'started'
          when d.verdict like 'The same event came before (%' then 'duplicate'
          when d.report is null then 'ignored'
          when d.verdict like 'Nothing started; %' then 'nearly'
          when d.matched > 0 then 'refused'
          else 'no_match' end
      where d.workspace = one and d.outcome = 'arriving' and d.state <> 'stored';
    -- 036. The times of these events were not read when they came: one that is forgotten could be sent again.
    update vp.seen_events e set keep = true where e.workspace = one and e.tool in ('github', 'jira') and not e.keep
      and e.at < (select extract(epoch from m.applied_at) * 1000 from vp.migrations m where m.number = 36);
    -- 037.
    update vp.deliveries d set came = case when d.provider_id like 'poll %' then 'asked' else 'webhook' end
      where d.workspace = one and d.came is null and d.source not in ('manual', 'schedule', 'sample') and d.provider_id not like 'refused:%'
        and (d.tool <> 'slack' or d.provider_id like 'poll %') and d.received_at < (select extract(epoch from m.applied_at) * 1000 from vp.migrations m where m.number = 37);
    update vp.deliveries d set same_as = substring(d.verdict from '\((dlv_\w+)\)') where d.workspace = one and d.outcome = 'duplicate' and d.same_as is null;
  end loop;
  perform set_config('vp.workspace', '', true);
end $f$;
