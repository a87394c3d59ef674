/**
 * Which expected "no" exists, in which words, with which HTTP status?
 * The one table of refusals. It never decides anything: rooms look words up here.
 */

/** Every refusal code with its HTTP status and its sentence. `{x}` is filled from the refusal's facts. */
export const refusals = {
  // who you are
  not_signed_in: [401, 'Sign in first.', 'Open the sign-in link that `viewport sign-in-link @HANDLE` prints.'],
  sign_in_link_used: [
    410,
    'This sign-in link was already used or has expired.',
    'Ask an admin for a new one, or make one on the machine where Viewport runs: `viewport sign-in-link @HANDLE`.',
  ],
  not_allowed: [403, '{who} may not do this: {why}.', 'Ask a workspace admin.'],
  cross_origin: [403, 'The request came from another site ({origin}).', 'Use the web app at its own address.'],
  wrong_host: [
    421,
    'This server does not answer for {host}.',
    'Open {own}, or start the server with VIEWPORT_PUBLIC_URL set to the address that people use.',
  ],
  csrf_missing: [403, 'The request does not show that a page of Viewport made it.', 'Reload the page and try again.'],
  not_found: [
    404,
    'There is no {what} {id} here.',
    'Check how it is written; you may be signed in to another workspace.',
  ],
  too_many_tries: [429, 'Too many wrong tries.', 'Wait {seconds} seconds and try again.'],
  backtests_wait: [
    429,
    '{most} backtests of this workspace are at work or wait already; one is done at a time.',
    'Wait until some have ended, then ask again.',
  ],
  checks_wait: [
    429,
    '{most} texts of workflows of this workspace are being read or wait already; one is read at a time.',
    'Wait a second, then ask again.',
  ],
  too_large: [413, 'The body is larger than {limit} bytes.', 'Send less.'],
  relay_full: [
    503,
    'This relay passes on as many sockets as it may ({limit}).',
    'Start another relay, or raise --connections. Runners poll meanwhile.',
  ],
  relay_unreachable: [
    502,
    'The control plane behind this relay does not answer.',
    'Look whether it runs and can be reached from the relay.',
  ],
  // runs
  run_finished: [409, 'The run has ended ({outcome}); nothing can be changed in it.', 'Start a new run.'],
  run_spec_invalid: [422, 'The run cannot start: {why}.', 'Mend the workflow or the event and try again.'],
  not_ready: [
    409,
    'The workflow {workflow} is valid but not ready: {missing}.',
    'Connect what is missing, then try again.',
  ],
  limit_reached: [
    409,
    '{workflow} has as many runs under way as it may ({limit}).',
    'Wait until one ends, or stop one, then start again.',
  ],
  not_enabled: [
    409,
    'The workflow {workflow} is not enabled.',
    'Enable it on its page or with `viewport workflows enable {workflow}`.',
  ],
  version_moved: [
    409,
    'The workflow {workflow} is at version {found} now; you changed version {expected}.',
    'Look at what changed, then save again.',
  ],
  sequence_moved: [
    409,
    'The run moved on while this was decided (expected fact {expected}, found {found}).',
    'Look again and repeat.',
  ],
  // gates
  gate_closed: [409, 'This was already decided: {outcome} by {by}.', 'Nothing to do; see the run.'],
  gate_expired: [409, 'The time to decide ended.', 'The run went on as its workflow says; see the run.'],
  gate_drifted: [409, 'What you saw is not what is asked any more: {what}.', 'Look at what changed and decide again.'],
  not_an_approver: [403, '{who} is not among the approvers of this gate ({approvers}).', 'Ask one of them.'],
  excluded_approver: [403, '{who} {why} and cannot vote.', 'Another approver must decide.'],
  already_voted: [409, '{who} has voted already ({verdict}).', 'Withdraw the vote first to change it.'],
  verdict_not_offered: [
    409,
    'An action is approved or rejected; there is nothing to send back.',
    'Approve or reject it.',
  ],
  comment_required: [422, 'To request changes, say what should change.', 'Write a comment and send again.'],
  answer_required: [422, 'This question needs one of its answers: {choices}.', 'Choose one.'],
  effect_settled: [409, 'This effect was closed already: {how}, by {by}.', 'See the run.'],
  effect_moved: [
    409,
    '{action} is {state} after attempt {attempt}: it moved since you looked, or its run goes on.',
    'Look at the list again.',
  ],
  delivery_read: [
    409,
    'This delivery {state}; only one that could not be read is worked on again.',
    'See what it started.',
  ],
  nothing_to_withdraw: [409, 'There is no vote of {who} to withdraw, or its effect has begun.', 'See the run.'],
  browser_needed: [
    403,
    'Agents work without a wall here, and one could read this token: it decides nothing.',
    'Decide in the browser, signed in with the address that `viewport up` or a try printed when it started (start it again for another), or with a link that an admin made in the browser. A link that a token made does not count.',
  ],
  sample_only: [403, '`--yes` decides only in the sample workspace.', 'Decide in the inbox.'],
  // connections
  connection_refused: [
    422,
    '{tool} was not connected: {why}',
    'Mend what it says and connect again; nothing was kept.',
  ],
  // runners and the wire
  pairing_unknown: [
    404,
    'The code is not right or no longer valid.',
    'Run `vpd pair --worker` again and type the new code.',
  ],
  proof_invalid: [
    401,
    'The request is not signed by the runner it names: {why}.',
    'Check the clock of the machine; pair again if the key was lost.',
  ],
  runner_unknown: [
    401,
    'No runner is paired here with this key.',
    'See whether this is the control plane that the runner was paired with; if it is, pair again: `vpd unpair`, then `vpd pair --worker`.',
  ],
  runner_revoked: [
    401,
    'This runner was removed from the workspace.',
    'Pair it again: `vpd unpair`, then `vpd pair --worker`.',
  ],
  runner_doubled: [
    409,
    'Another program has come online with the key of this runner since.',
    'End one of the two. If you do not know the other one, the key was copied: remove the runner (`viewport runners remove NAME`) and pair this machine anew.',
  ],
  lease_gone: [410, 'This lease does not exist any more.', 'Stop the work and ask for a new lease.'],
  stale_epoch: [
    409,
    'The lease was given to another attempt (epoch {current}, yours {epoch}).',
    'Stop the work; what you sent is kept as superseded evidence.',
  ],
  report_conflict: [
    409,
    'Report {seq} was already received with other content.',
    'Stop the work; the journal and the server disagree.',
  ],
  report_gap: [409, 'Report {seq} came before report {expected}.', 'Send the missing reports first.'],
  offset_gap: [416, 'Bytes before offset {expected} are missing.', 'Send from {expected}.'],
  offset_conflict: [409, 'Other bytes were already stored at this offset.', 'Stop; the log on disk was changed.'],
  log_incomplete: [412, 'The log ends at {have} of {want} bytes.', 'Send the rest, then finish.'],
  body_away: [
    503,
    '{runner} has the bytes and has not answered since {since}.',
    'Start the runner again. For later runs, `viewport workspace change --bodies stored` keeps a copy here.',
  ],
  body_mismatch: [
    502,
    'The runner sent bytes that do not have the digest {digest}.',
    'Do not decide on this; look at the runner.',
  ],
  runner_unreadable: [
    502,
    'What the runner answered about {what} cannot be read.',
    'Look at the runner: is its vpd of this version?',
  ],
  runner_refused: [
    403,
    'The runner refuses {what}: {rule}.',
    'Change the local policy on the runner, or the workflow.',
  ],
  workflow_differs: [
    409,
    'The work is not what its workflow says: {why}.',
    'Bring `vpd` and the control plane to the same version. If they are, do not trust this control plane.',
  ],
  wall_too_weak: [
    403,
    'The step {step} may not begin: {why}.',
    'Look at `vpd doctor` on the runner, which says what its wall is made of. A runner that says one thing and does another is not to be trusted.',
  ],
  runner_newer: [
    422,
    'This runner has vpd {vpd}, which is newer than the control plane ({version}) and says what is not understood there: {where}: {why}.',
    'Upgrade the control plane to {vpd} or later, then start the worker again. Until then vpd {version} works on this machine: `npm i -g @viewportai/daemon@{version}`.',
  ],
  runner_older: [
    422,
    'This runner has vpd {vpd}, which is older than the control plane ({version}) and says what is not taken there any more: {where}: {why}.',
    'Install the version of the control plane on this machine, `npm i -g @viewportai/daemon@{version}`, and start the worker again.',
  ],
  grant_invalid: [403, 'The grant does not fit: {why}.', 'Ask for the work again.'],
  grant_used: [409, 'This grant was used already.', 'Nothing to do: the effect exists once.'],
  // effects
  digest_differs: [
    409,
    'The change is not the approved one: approved {approved}, found {found}.',
    'A new decision is asked.',
  ],
  target_refused: [403, 'The workflow does not name {target} as a target.', 'Add it to the workflow.'],
  change_not_open: [409, 'The change is {state}.', 'Nothing to merge.'],
  merge_by_gate: [
    409,
    'The workflow of this run asks at {gate} before it merges, so nobody merges past it.',
    'Decide there, or close the change.',
  ],
  merge_conflict: [409, '{ref} cannot be merged into {into}: {why}.', 'Send the agent back, or merge by hand.'],
  connection_in_use: [
    409,
    'The connection {name} is used by {runs}.',
    'Wait until they have ended; or remove it all the same (`?confirmed=true`, `viewport connections remove ID --yes`): what they do there asks a person, unless the same account is connected again.',
  ],
  repository_in_use: [409, '{name} is worked in: {runs}.', 'Wait until they have ended, or stop them.'],
  // deliveries
  signature_invalid: [
    401,
    'The signature does not fit: {why}.',
    'Give the sender the secret that belongs to this address. Where it is lost, make another one, or give the one that the tool made: for a source under Sources, for a tool on its connection.',
  ],
  delivery_stale: [401, 'The delivery is {age} seconds old, which is too old.', 'Check the clock of the sender.'],
  source_unknown: [404, 'No source has this address.', 'Copy the address from the source page again.'],
  no_old_secret: [409, '{name} takes no secret of before any more.', 'Nothing to do.'],
  many_old_secrets: [
    409,
    '{name} takes {count} secrets of before already, and that is as many as are kept.',
    'End them first, or let the new one count at once (`oldHours` 0, `--old-for 0`).',
  ],
  secret_made_elsewhere: [409, '{name} has no webhook secret that Viewport makes: {why}.', '{next}'],
  media_refused: [415, '{found} is not taken here; {expected} is.', 'Send {expected}.'],
  // requests
  invalid: [422, 'The request is not valid: {where}: {why}.', 'Mend it and send again.'],
  conflict: [409, '{what} exists already.', 'Choose another name.'],
  account_form: [422, 'No event can name the account {account}: {why}.', '{next}'],
  account_linked: [
    409,
    'The account {account} is linked to @{handle}.',
    'Take that back first: `viewport people unlink @{handle} {account}`.',
  ],
} as const satisfies Record<string, readonly [status: number, words: string, next: string]>

export type RefusalCode = keyof typeof refusals

/** An expected "no": code, filled words, what to do next, and the facts behind it. */
export type Refusal = {
  readonly refusal: RefusalCode
  readonly words: string
  readonly next: string
  readonly facts: Readonly<Record<string, unknown>>
}

// A sentence put in at the end of a sentence brings its own full stop.
const fill = (text: string, facts: Record<string, unknown>): string =>
  text.replace(/\{(\w+)\}/g, (_, name: string) => String(facts[name] ?? 'unknown')).replace(/([.?])\.$/, '$1')

/** Makes a refusal from the table. `facts` fill the `{name}` places and travel with it. */
export const refuse = (code: RefusalCode, facts: Record<string, unknown> = {}): Refusal => {
  const [, words, next] = refusals[code]
  return { refusal: code, words: fill(words, facts), next: fill(next, facts), facts }
}

/** Is this value a refusal and not a result? */
export const isRefusal = (value: unknown): value is Refusal =>
  typeof value === 'object' &&
  value !== null &&
  'refusal' in value &&
  typeof value.refusal === 'string' &&
  Object.hasOwn(refusals, value.refusal)

/** The HTTP status of a refusal code. */
export const statusOf = (code: RefusalCode): number => refusals[code][0]
