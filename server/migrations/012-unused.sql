-- 012: what nothing uses any more goes: look-ups that asker_of_session, asker_of_token and the sign-in by link have replaced, and a
-- table of usage that was never written (a lease keeps its usage, facts keep the sums).
set local role vp_lookup;
drop function vp.session_of(text);
drop function vp.api_token_of(text);
drop function vp.use_sign_in_link(text);
reset role;
set local role vp_owner;
drop table vp.usage_ticks;
