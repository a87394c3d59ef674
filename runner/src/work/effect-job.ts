/**
 * How does an approved effect happen at most once?
 * `effect_started` must be accepted before anything is done. Then vpd looks first: what is there already is reported as found, never done twice.
 */
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { MergeParams, PushParams, type EffectJob } from '@viewportai/core/wire/job'
import type { Report } from '@viewportai/core/wire/messages'
import { checkDigest } from '../git/approved-change.ts'
import { openCache } from '../git/cache.ts'
import { remoteOf } from '../git/remote-url.ts'
import { EffectUnknown, type Done, type EffectPlace } from './effect.ts'
import { acceptedSoFar, failed, failureOf, Superseded } from './failure.ts'
import { mergeBranch } from './merge-effect.ts'
import { actOutside } from './outside-effect.ts'
import type { Port, Setup } from './port.ts'
import { pushBranch } from './push-effect.ts'

/** Does a git.push or git.merge, or what is done at a tool with a credential that is kept here. Every outcome is a report; resolves when it is reported. */
export const doEffect = async (port: Port, setup: Setup, job: EffectJob, scratch: string): Promise<void> => {
  const about = { intent: job.intent, attempt: job.attempt }
  await port.report({ type: 'effect_started', ...about })
  try {
    await acceptedSoFar(port)
  } catch (error) {
    if (error instanceof Superseded || port.signal.aborted) return // another attempt has it: nothing was done here
    throw error
  }
  const outcome = await effect(port, setup, job, scratch).catch((error: unknown): Report | null => {
    if (error instanceof EffectUnknown) return { type: 'effect_unknown', ...about, why: error.message.slice(0, 2_000) }
    if (port.signal.aborted && port.signal.reason !== 'cancelled') return null // superseded or shutting down: the next attempt looks
    return { type: 'effect_failed', ...about, failure: failureOf(error, false) }
  })
  if (outcome === null) return
  const isCut = port.signal.aborted && port.signal.reason !== 'cancelled'
  if (isCut && 'type' in outcome && outcome.type === 'effect_unknown') return // as above: the next attempt looks
  await port.report('type' in outcome ? outcome : { type: 'effect_succeeded', ...about, ...outcome })
}

const effect = async (port: Port, setup: Setup, job: EffectJob, scratch: string): Promise<Done | Report> => {
  const { change, outside } = job
  if (outside) return actOutside(port, setup, { ...job, outside })
  if (!change)
    throw failed(
      'effect',
      'effect_invalid',
      `${job.action} came without the change it is about.`,
      'Report this: the control plane sent an incomplete job.',
      { retrySafe: false },
    )
  checkDigest(change, job.digest)
  port.now(job.action)
  const folder = path.join(scratch, 'effect')
  await mkdir(folder, { recursive: true })
  const place = async (name: string): Promise<EffectPlace> => {
    const repo = job.repos.find((one) => one.name === name)
    if (!repo || name !== change.repo || repo.use.access !== 'write')
      throw failed(
        'policy',
        'target_refused',
        `The workflow does not let this run write to ${name}.`,
        'Add it to the workflow as a repository that may be written.',
        { retrySafe: false },
      )
    return {
      cache: await openCache(setup.home, remoteOf(repo.url)),
      change,
      digest: job.digest,
      attempt: job.attempt,
      lookOnly: job.lookOnly ?? false,
      scratch: folder,
      port,
    }
  }
  if (job.action === 'git.push') {
    const params = readParams(PushParams, job)
    return pushBranch(await place(params.repo), params)
  }
  if (job.action === 'git.merge') {
    const params = readParams(MergeParams, job)
    return mergeBranch(await place(params.repo), params)
  }
  throw failed(
    'effect',
    'action_unknown',
    `This runner cannot do ${job.action}.`,
    'Update vpd, or change the workflow.',
    { retrySafe: false },
  )
}

const readParams = <T>(
  schema: {
    safeParse(
      value: unknown,
    ): { success: true; data: T } | { success: false; error: { issues: { path: PropertyKey[]; message: string }[] } }
  },
  job: EffectJob,
): T => {
  const read = schema.safeParse(job.params)
  if (read.success) return read.data
  const issue = read.error.issues[0]
  throw failed(
    'effect',
    'effect_invalid',
    `The parameters of ${job.action} are not valid: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}.`,
    'Mend the workflow and start a new run.',
    { retrySafe: false },
  )
}
