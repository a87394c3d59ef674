/**
 * How is a tool looked at, or the message of a run kept there, with a credential of this machine?
 * By the code that the control plane uses with a credential of its own. What is asked about lies in a repository of the run, as far as
 * the tool has repositories. Neither the secret nor what the tool said beside the answer leaves.
 */
import type { Sight, Went } from '@viewportai/core/tools/port'
import { bounded } from '@viewportai/core/tools/bounded'
import { keptOnce } from '@viewportai/core/tools/kept-once'
import { isWithin } from '@viewportai/core/tools/within'
import {
  actionOfErrand,
  errandSeconds,
  type Errand,
  type ErrandReport,
  type SightErrand,
  type StatusErrand,
} from '@viewportai/core/wire/errand'
import { noteUse } from '../credentials/last-used.ts'
import { openCredential } from '../credentials/provider-credentials.ts'
import { failed } from '../work/failure.ts'
import type { Setup } from '../work/port.ts'
import { askOutside } from './ask-outside.ts'
import { foldersNamed } from './folders-named.ts'

/** What it needs beside the machine. `left`: told of each request before it is sent. */
export type ErrandPort = {
  readonly signal: AbortSignal
  left(what: string, to: string, bytes: number): Promise<void>
}

/** Does it. Throws WorkFailed when nothing was asked of the tool, and a plain error when the tool did not let itself be read. */
export const doErrand = async (port: ErrandPort, setup: Setup, errand: Errand): Promise<ErrandReport> => {
  const { tool, connection: told } = errand
  const action = actionOfErrand(errand)
  const needed = { tool, connection: told.name, at: told.at, action }
  const { connection, at, scope, acting } = await openCredential(setup.provider, needed, told)
  const outside = bounded(
    askOutside({ at, signal: port.signal, left: (to, bytes) => port.left(action, to, bytes) }),
    errandSeconds * 1_000,
  )
  const used = (): Promise<void> => noteUse(setup.provider!.home, 'provider', scope)
  switch (errand.what) {
    case 'sight': {
      if (!acting.sight) throw unknown(action)
      if (!isWithin(tool, connection, foldersNamed(errand.repos), errand.ref)) throw elsewhere(errand)
      await used()
      return seen(await acting.sight({ ref: errand.ref, url: errand.url }, connection, outside))
    }
    case 'status':
      if (!acting.status) throw unknown(action)
      await used()
      return { is: 'kept', went: kept(await keptOnce(acting.status, effectOf(errand), errand, connection, outside)) }
  }
}

const seen = ({ seen: pull, problem, againMillis }: Sight): ErrandReport => ({
  is: 'seen',
  seen: pull,
  problem: problem === null ? null : problem.slice(0, 1_000),
  againMillis: againMillis ?? null,
})

/** As it may be said: words are cut to the length that a message takes. */
const kept = (went: Went): Extract<ErrandReport, { is: 'kept' }>['went'] => {
  switch (went.is) {
    case 'done':
      return { is: 'done', receipt: { ...went.receipt, observed: { ...went.receipt.observed } } }
    case 'failed':
      return { ...went, summary: went.summary.slice(0, 2_000), check: went.check.slice(0, 2_000) }
    case 'unsure':
      return { is: 'unsure', why: went.why.slice(0, 2_000) }
    case 'later':
      return {
        is: 'later',
        why: went.why.slice(0, 2_000),
        afterMillis: Math.min(86_400_000, Math.ceil(went.afterMillis)),
      }
  }
}

const effectOf = ({ run, intent, target, text, repos, told, page, home }: StatusErrand) => ({
  intent,
  run,
  target,
  params: { text },
  change: null,
  commit: null,
  repos: foldersNamed(repos),
  told,
  page,
  home,
})

const unknown = (action: string) =>
  failed('runner', 'errand_unknown', `This runner cannot do ${action}.`, 'Update vpd on it.', { retrySafe: false })

const elsewhere = ({ ref, tool }: SightErrand) =>
  failed(
    'policy',
    'outside_workflow',
    `${ref} is in no repository of the run at this ${tool}.`,
    'Nothing is read there; report it, as a run opens pull requests in its own repositories alone.',
    { retrySafe: false },
  )
