// Does everything hold that must hold after a run, whatever befell it? Looked at from outside: the API, the remote repository, what passed
// on the wire, the processes of the machine, the verifier.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import type { Json } from '../../testing/api.ts'
import { processesOf } from '../../testing/processes.ts'
import { run as runProgram, vpdProgram } from '../../testing/program.ts'
import type { Under } from './conductor.ts'
import type { Ground } from './ground.ts'
import type { Passed } from './proxy.ts'

/** What the control plane gave as a step's log while the run went on. */
export type Sample = { step: string; attempt: number; bytes: Buffer }
type Fact = { seq: number; type: string; by: Json; data: Json }

/** What did not hold, in words, and how many attempts the run took. */
export async function lookAt(
  ground: Ground,
  under: Under,
  samples: Sample[],
): Promise<{ broke: string[]; attempts: number }> {
  const { facts: texts } = await ground.ask('GET', `/api/runs/${under.number}/facts`)
  const facts = (texts as Json[]).map(({ text }) => JSON.parse(text) as Fact)
  const mine = ground.proxy.passed.filter((one) => runOf(ground, one) === under.run)
  const looks = [
    comesToAnEnd(under, facts),
    oneEffect(ground, under, facts),
    noOldEpoch(facts, mine),
    await logsAreWhole(ground, under, facts, samples),
    await nothingIsLeft(under),
    await packetVerifies(ground, under),
    everyNoIsAFact(facts, mine),
  ]
  return { broke: looks.flat(), attempts: facts.filter(({ type }) => type === 'step.started').length }
}

const runOf = (ground: Ground, one: Passed): string | null =>
  one.run ??
  (one.what === 'ask'
    ? ((one.said['run'] as string | undefined) ?? null)
    : one.lease === null
      ? null
      : ground.proxy.runOf(one.lease))

const of = (facts: Fact[], type: string): Fact[] => facts.filter((fact) => fact.type === type)

/** I0: nothing is lost. A run that nobody stopped succeeds. */
const comesToAnEnd = ({ plan }: Under, facts: Fact[]): string[] => {
  const outcome = of(facts, 'run.finished')[0]?.data['outcome'] as string | undefined
  const stopped = of(facts, 'run.cancel_requested').length > 0
  const may =
    plan.blows.some(({ deed }) => deed.kind === 'cancel') && stopped ? ['cancelled', 'succeeded'] : ['succeeded']
  return outcome !== undefined && may.includes(outcome)
    ? []
    : [`I0 the run came to ${outcome ?? 'no end'}: ${facts.map(shortOf).join(', ')}`]
}

/** A fact in one word, a failure with its reason. */
const shortOf = ({ type, data }: Fact): string => {
  const failure = data['failure'] as { code: string; summary: string } | undefined
  return failure ? `${type} (${failure.code}: ${failure.summary})` : type
}

/** I1: at most one effect per approved intent; the remote has what was approved and was pushed to once. */
const oneEffect = (ground: Ground, { mark }: Under, facts: Fact[]): string[] => {
  const broke: string[] = []
  for (const { data } of of(facts, 'intent.proposed')) {
    const done = of(facts, 'effect.succeeded').filter((fact) => fact.data['intent'] === data['intent'])
    if (done.length > 1) broke.push(`I1 ${data['action']} succeeded ${done.length} times`)
    if (done.length === 1 && of(facts, 'intent.approved').every((fact) => fact.data['intent'] !== data['intent']))
      broke.push(`I1 ${data['action']} was done and never approved`)
  }
  const opened = of(facts, 'change.opened')
  if (opened.length > 1) broke.push(`I1 ${opened.length} changes were opened`)
  for (const { data } of opened) {
    const pushes = ground.git('reflog', 'show', '--format=%H', String(data['ref'])).split('\n').filter(Boolean)
    if (pushes.length !== 1) broke.push(`I1 ${data['ref']} was pushed ${pushes.length} times`)
    const tree = ground.git('rev-parse', `${data['ref']}^{tree}`)
    if (tree !== data['change'].tree)
      broke.push(`I1 ${data['ref']} holds the tree ${tree}, approved was ${data['change'].tree}`)
  }
  const refs = ground.git('for-each-ref', '--format=%(refname)').split('\n')
  // A number behind a dash would be a ticket's key, so a branch has it behind `_`.
  const ours = refs.filter((ref) => ref.replaceAll('_', '-').includes(mark.toLowerCase()))
  const done = of(facts, 'effect.succeeded').length
  if (ours.length > 1 || (ours.length === 0 && done > 0))
    broke.push(`I1 the remote has ${ours.length} branches of this run: ${ours.join(', ')}`)
  return broke
}

/** I2: no write is accepted with an old epoch: not by what passed, and not by the facts. */
const noOldEpoch = (facts: Fact[], passed: Passed[]): string[] => {
  const broke: string[] = []
  const offers = passed.filter(({ what, status }) => what === 'ask' && status === 200)
  const placeOf = new Map(offers.map(({ said }) => [String(said['lease']), said as Json]))
  const accepted = new Map<string, number>()
  for (const one of passed.toSorted((a, b) => a.sent - b.sent)) {
    const place = one.lease === null ? undefined : placeOf.get(one.lease)
    // Without an answer it may have been accepted: sent again afterwards it is a repeat.
    const inDoubt = one.status === 0 || one.status >= 500
    if (!place || (!inDoubt && (one.status < 200 || one.status > 299))) continue
    const before = accepted.get(one.lease!) ?? 0
    const highest = Math.max(0, ...one.reports.map(({ seq }) => seq))
    accepted.set(one.lease!, Math.max(before, highest))
    if (inDoubt) continue
    const newer = offers.find(
      ({ said, at }) =>
        said['run'] === place['run'] &&
        said['step'] === place['step'] &&
        Number(said['epoch']) > Number(place['epoch']) &&
        at < one.sent,
    )
    const repeats = one.what === 'reports' && highest <= before
    if (newer && !repeats)
      broke.push(
        `I2 ${one.what} of epoch ${place['epoch']} of ${place['step']} was accepted after epoch ${newer.said['epoch']} was given`,
      )
  }
  const last = new Map<string, { epoch: number; ended: boolean }>()
  for (const { type, data, by } of facts) {
    const { step, epoch } = data as { step?: string; epoch?: number }
    if (by['kind'] !== 'runner' || !step || !epoch || type === 'refusal.recorded') continue
    const before = last.get(step)
    if (before && (epoch < before.epoch || (epoch === before.epoch && before.ended)))
      broke.push(
        `I2 ${type} of epoch ${epoch} of ${step} came after epoch ${before.epoch}${before.ended ? ' had ended' : ''}`,
      )
    last.set(step, { epoch, ended: ['step.finished', 'step.failed', 'step.parked'].includes(type) })
  }
  return broke
}

/** I3: log bytes on the server are a prefix of what was produced, and whole with the right checksum at the end. */
const logsAreWhole = async (
  ground: Ground,
  { number, mark, plan, run }: Under,
  facts: Fact[],
  samples: Sample[],
): Promise<string[]> => {
  const broke: string[] = []
  for (const { data } of of(facts, 'step.finished')) {
    const { step, attempt, log } = data as {
      step: string
      attempt: number
      log: { digest: string; bytes: number; home: string } | null
    }
    if (log === null) {
      broke.push(`I3 ${step} finished without a log`)
      continue
    }
    const bytes = await ground
      .bytes(`/api/runs/${number}/bodies/${log.digest}`)
      .catch((error: unknown) => String(error))
    if (typeof bytes === 'string') {
      broke.push(`I3 the log of ${step} (${log.home}) cannot be read: ${bytes}`)
      continue
    }
    const digest = createHash('sha256').update(bytes).digest('hex')
    if (digest !== log.digest || bytes.length !== log.bytes)
      broke.push(`I3 the log of ${step} has ${bytes.length} bytes with ${digest}, not ${log.bytes} with ${log.digest}`)
    if (plan.agent === 'hand' && (step === 'mend' || step === 'plan')) {
      const text = bytes.toString()
      for (const [part, block] of [
        ['first', linesOf(mark, 'line', plan.lines)],
        ['last', linesOf(mark, 'more', plan.lines)],
      ] as const)
        if (!text.includes(block))
          broke.push(
            `I3 the log of ${step}, attempt ${attempt}, does not hold the ${part} ${plan.lines} lines of its agent`,
          )
    }
    for (const sample of samples.filter((one) => one.step === step && one.attempt === attempt))
      if (!bytes.subarray(0, sample.bytes.length).equals(sample.bytes))
        broke.push(`I3 what was shown of the log of ${step} before is no beginning of it`)
  }
  // Of attempts that were lost: what the server has is the beginning of what lies on the runner.
  for (const { data } of plan.bodies === 'stored' ? of(facts, 'step.lost') : []) {
    const { step, attempt, epoch, runner } = data as { step: string; attempt: number; epoch: number; runner: string }
    const bytes = await ground.bytes(`/api/runs/${number}/steps/${step}/log?attempt=${attempt}`).catch(() => null)
    const where = ground.runners.find(({ folder }) => folder.endsWith(runner))
    const file = join(where?.folder ?? '', 'logs', run, `${step}.${attempt}.${epoch}.log`)
    if (bytes === null || bytes.length === 0 || !existsSync(file)) continue
    if (!readFileSync(file).subarray(0, bytes.length).equals(bytes))
      broke.push(`I3 the log of the lost attempt ${attempt} of ${step} is no beginning of what its runner has`)
  }
  return broke
}

const linesOf = (mark: string, word: string, count: number): string =>
  Array.from(
    { length: count },
    (_, n) => `${mark} ${word} ${String(n + 1).padStart(5, '0')} of what this step has to say\n`,
  ).join('')

/** I4: no process of a step is left: ten seconds for a runner that finds out, and however long one was stopped. */
const nothingIsLeft = async ({ mark, run }: Under): Promise<string[]> => {
  let left: string[] = []
  for (const until = performance.now() + 40_000; performance.now() < until; await sleep(250)) {
    left = [mark, run].flatMap(processesOf).map(({ words }) => words.slice(0, 120))
    if (left.length === 0) return []
  }
  return [`I4 still there: ${left.join(' | ')}`]
}

/** I5: the packet verifies offline. */
const packetVerifies = async (ground: Ground, { number }: Under): Promise<string[]> => {
  const packet = join(ground.place.folder, `${number}.packet.zip`)
  const keys = join(ground.place.folder, 'keys.json')
  writeFileSync(packet, await ground.bytes(`/api/runs/${number}/packet`))
  if (!existsSync(keys)) writeFileSync(keys, JSON.stringify(await ground.ask('GET', '/api/keys')))
  const verified = await runProgram(ground.place, vpdProgram, ['audit', 'verify', packet, '--key', keys, '--no-pinned'])
  if (verified.code === 0) rmSync(packet)
  return verified.code === 0 ? [] : [`I5 the packet of run ${number} does not verify: ${verified.out}${verified.err}`]
}

/** I7: every refused or failed attempt left a fact. */
const everyNoIsAFact = (facts: Fact[], passed: Passed[]): string[] => {
  const broke: string[] = []
  const refusals = of(facts, 'refusal.recorded')
  for (const one of passed) {
    if (one.lease === null || one.repeat) continue
    if (one.what === 'reports' && one.status === 409 && one.said['code'] === 'stale_epoch')
      if (!refusals.some(({ data }) => data['code'] === 'stale_epoch' && data['about'].lease === one.lease))
        broke.push(`I7 a late report of ${one.lease} was refused, and no fact says so`)
    if (one.what === 'refuse' && one.status === 204 && refusals.length === 0)
      broke.push(`I7 the runner refused ${one.lease}, and no fact says so`)
  }
  // An attempt that began ended in a fact: what came back, how it failed, or that it was lost.
  for (const { data } of of(facts, 'step.started')) {
    const ends = facts.filter(
      ({ type, data: end }) =>
        ['step.finished', 'step.failed', 'step.lost', 'step.parked'].includes(type) &&
        end['step'] === data['step'] &&
        end['attempt'] === data['attempt'] &&
        end['epoch'] === data['epoch'],
    )
    if (ends.length !== 1)
      broke.push(`I7 attempt ${data['attempt']} (epoch ${data['epoch']}) of ${data['step']} has ${ends.length} ends`)
  }
  return broke
}
