/**
 * How is an approved effect done at a tool with a credential of this machine, once?
 * The same looks and the same writes as the control plane's own broker makes. Its beginning was recorded before; after anything but a clear
 * answer it is looked for. Neither the secret nor what the tool said beside the receipt leaves.
 */
import { digestOf } from '@viewportai/core/digest/canonical'
import { changeDigest } from '@viewportai/core/gate/subject'
import { paramsFlaw } from '@viewportai/core/run/outside-effect'
import { bounded } from '@viewportai/core/tools/bounded'
import { doneOnce, endOf, patienceMillis, settleMillis } from '@viewportai/core/tools/once'
import type { Effect, Went } from '@viewportai/core/tools/port'
import type { EffectJob } from '@viewportai/core/wire/job'
import type { Report } from '@viewportai/core/wire/messages'
import { noteUse } from '../credentials/last-used.ts'
import { openCredential } from '../credentials/provider-credentials.ts'
import { wasBegun } from '../journal/begun-effects.ts'
import { askOutside } from '../outside/ask-outside.ts'
import { foldersNamed, foreignFolders } from '../outside/folders-named.ts'
import { failed } from './failure.ts'
import type { Port, Setup } from './port.ts'

/** How long one attempt waits in all while the tool asks to come back later (ms); then it is told so, and looked for again. */
const waitsAtMost = 600_000

/** Carries it out. Answers with the report of how it ended; throws WorkFailed when nothing was asked of the tool. */
export const actOutside = async (
  port: Port,
  setup: Setup,
  job: EffectJob & { readonly outside: NonNullable<EffectJob['outside']> },
): Promise<Report> => {
  const { outside: told, action, attempt } = job
  approvedAs(job)
  const needed = { tool: told.tool, connection: told.connection.name, at: told.connection.at, action }
  const opened = await openCredential(setup.provider, needed, told.connection)
  const code = Object.hasOwn(opened.acting.actions, action) ? opened.acting.actions[action]! : null
  if (!code)
    throw failed(
      'effect',
      'action_unknown',
      `This runner cannot do ${action}.`,
      'Update vpd, or change the workflow.',
      {
        retrySafe: false,
      },
    )
  await noteUse(setup.provider!.home, 'provider', opened.scope)
  port.now(action)
  const ready = { action: code, connection: opened.connection, effect: effectOf(port, job, told) }
  const outside = askOutside({
    at: opened.at,
    signal: port.signal,
    left: (to, bytes) => port.left(action, to, bytes),
  })
  const lookOnly = job.lookOnly ?? false
  // The number of the attempt is the control plane's word: what was begun here once is looked for, whatever it says.
  const isFirst = !(await wasBegun(setup.home, job.intent)) && attempt === 1
  // What an attempt before this one has sent may still be on its way.
  if (!isFirst) {
    port.now(`${action}: looks for what an earlier attempt did`)
    await rest(settleMillis * 4 ** Math.min(Math.max(0, attempt - 2), 2), port.signal)
  }
  let fresh = isFirst
  let left = waitsAtMost
  for (;;) {
    const went = await doneOnce(ready, { fresh, lookOnly }, bounded(outside, patienceMillis)).catch(
      (error: unknown): Went => {
        port.log.own(
          `[vpd] ${action} broke off: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        )
        return { is: 'unsure', why: 'the program broke off while it was done; the log of the runner says why' }
      },
    )
    if (went.is !== 'later' || went.afterMillis > left || port.signal.aborted)
      return reportOf(job, inItsFolder(job, went))
    if (left === waitsAtMost)
      await port.report({
        type: 'refused',
        code: 'tool_busy',
        words: `${action} waits: ${went.why}.`,
        about: { intent: job.intent, attempt },
      })
    port.now(`${action} waits: ${went.why}`)
    await rest(went.afterMillis, port.signal)
    left -= Math.max(1_000, went.afterMillis)
    fresh = false
  }
}

/** Throws when this is not what people approved, or cannot be done as it is. */
const approvedAs = ({ action, params, change, digest, outside }: EffectJob): void => {
  const is = change ? changeDigest(change) : digestOf({ action, target: outside!.target, params })
  const flaw = is === digest ? paramsFlaw({ action, params, change }) : `${action} is not the one that was approved.`
  if (flaw !== null)
    throw failed('effect', 'effect_invalid', flaw, 'Start the work again; report this when it stays so.', {
      retrySafe: false,
    })
}

const effectOf = (
  { lease }: Port,
  { intent, params, change, repos }: EffectJob,
  { target, commit, opened, told, page, depth, home }: NonNullable<EffectJob['outside']>,
): Effect => ({
  intent,
  run: lease.run,
  target,
  params,
  change,
  commit,
  opened,
  repos: foldersNamed(repos),
  told,
  page,
  ...(depth !== undefined && { depth }),
  home,
})

/** Refused for a folder that does not say which repository it is: what helps is its path, not the workflow. */
const inItsFolder = ({ repos }: EffectJob, went: Went): Went => {
  const [folder] = foreignFolders(repos)
  if (went.is !== 'failed' || went.code !== 'outside_workflow' || !folder) return went
  return {
    ...went,
    summary: `${went.summary} The end of the path ${folder.url} does not say that it is ${folder.name}.`,
    check: `Keep the clone where its path ends with its name at the forge (/srv/git/${folder.name}.git), or give the repository by its address there.`,
  }
}

const reportOf = ({ intent, attempt, outside }: EffectJob, went: Went): Report => {
  const about = { intent, attempt }
  const end = endOf(outside!.tool, went)
  switch (end.is) {
    case 'succeeded':
      return { type: 'effect_succeeded', ...about, receipt: end.receipt, reconciled: end.reconciled }
    case 'failed':
      return { type: 'effect_failed', ...about, failure: end.failure }
    case 'unknown':
      return { type: 'effect_unknown', ...about, why: end.why }
  }
}

/** Waits, or not when the work is stopped. */
const rest = (millis: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const over = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', over)
      resolve()
    }
    const timer = setTimeout(over, Math.max(1_000, millis))
    signal.addEventListener('abort', over)
    if (signal.aborted) over()
  })
