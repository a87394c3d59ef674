// The sample's run, driven through the API to its end while something is killed on the way; and what was true afterwards.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { localAdmin, type Caller, type Json } from './api.ts'
import { portOfOurOwn } from './own-port.ts'
import type { Place } from './place.ts'
import { endAllOf, processesOf } from './processes.ts'
import { run, start, viewportProgram, vpdProgram, type Running } from './program.ts'
import { leaksIn, secretsOf } from './secrets.ts'

/** A function: what else is struck, waited for. */
export type Victim = 'server' | 'runner' | 'agent' | (() => Promise<void>)
/** Kill `victim` as soon as so many facts are there. With `surely`, look for it until it runs; else only at that moment. */
export type Blow = { victim: Victim; after: number; surely?: boolean }
/** What must be the same however the run got there. */
export type Outcome = {
  outcome: string
  steps: string[]
  tree: string
  refs: number
  pushes: number
  opened: number
  packet: number | null
  left: string[]
  leaks: string[]
}
/** What an undisturbed run comes to, beside its steps and its tree: one push, one change, a packet that verifies, nothing left. */
export const undisturbedOutcome = {
  outcome: 'succeeded',
  refs: 2,
  pushes: 1,
  opened: 1,
  packet: 0,
  left: [],
  leaks: [],
} as const satisfies Partial<Outcome>

/** `facts`: the types, in order. `struck`: the fact at which the blow fell; null when there was nothing to kill at that moment. */
export type Played = { facts: string[]; struck: string | null; outcome: Outcome }

const remoteOf = (place: Place): string => join(place.data, 'sample/remotes/shop.git')
const patience = 120_000

/**
 * From an empty folder to the end of the run, decided as the sample's admin. `env`: more settings for the control plane.
 * When it does not come to its end, nothing of it is left running.
 */
export const playSample = (place: Place, blow: Blow | null, env: Record<string, string> = {}): Promise<Played> =>
  play(place, blow, env).catch((error: unknown) => {
    endAllOf(place.folder)
    throw error
  })

const play = async (place: Place, blow: Blow | null, env: Record<string, string>): Promise<Played> => {
  const settings = { VIEWPORT_LEASE_SECONDS: '5', ...env }
  const deadline = Date.now() + patience
  const words = ['up', '--sample', '--data', place.data, '--port', String(await portOfOurOwn())]
  let plane = start(place, viewportProgram, words, settings)
  let said = ''
  let struck: string | null | undefined = blow ? undefined : null
  let facts: string[] = []
  while (facts.at(-1) !== 'run.finished') {
    if (Date.now() > deadline)
      throw new Error(`The run did not end; its facts: ${facts.join(', ')}\n${plane.out()}${plane.err()}`)
    facts = (await factsSoFar(place)) ?? facts
    if (blow && struck === undefined && facts.length >= blow.after) {
      if (await strike(place, plane, blow.victim)) struck = facts.at(-1)!
      else if (blow.surely !== true) struck = null
      if (blow.victim === 'server') {
        said += plane.out() + plane.err()
        plane = start(place, viewportProgram, words, settings)
        facts = [] // the next ones are told by the new one
      }
    }
    await decideWhatIsAsked(place)
    await sleep(5)
  }
  const outcome = await outcomeOf(place, plane, facts, { settings, said })
  return { facts, struck: struck ?? null, outcome }
}

/** Null while the control plane does not answer, or knows no run. */
const factsSoFar = async (place: Place): Promise<string[] | null> => {
  try {
    const { facts } = await localAdmin(place.data).get('/api/runs/1/facts')
    return facts.map((fact: { text: string }) => (JSON.parse(fact.text) as { type: string }).type)
  } catch {
    return null
  }
}

const decideWhatIsAsked = async (place: Place): Promise<void> => {
  try {
    const admin = localAdmin(place.data)
    countPushes(place)
    for (const { gate } of (await admin.get('/api/inbox')).open) {
      const card = await admin.get(`/api/gates/${gate}`)
      if (card.kind === 'question') throw new Error(`The run asks: ${card.subject.text}`)
      await admin.send('POST', `/api/gates/${gate}/decisions`, { verdict: 'approve', digest: card.digest })
    }
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('The run asks')) throw error
    // It is down, or the gate was decided meanwhile: the next look tells.
  }
}

/** The remote writes down every push from now on. */
const countPushes = (place: Place): void => {
  const config = join(remoteOf(place), 'config')
  if (existsSync(config) && !readFileSync(config, 'utf8').includes('logallrefupdates'))
    git(place, 'config', 'core.logallrefupdates', 'always')
}

/** Kills it; false when it does not run now. */
const strike = async (place: Place, plane: Running, victim: Victim): Promise<boolean> => {
  if (victim === 'server') {
    plane.child.kill('SIGKILL')
    await plane.ended
    return true
  }
  if (typeof victim === 'function') {
    await victim()
    return true
  }
  const pid = victim === 'runner' ? runnerPid(place) : agentPid(place)
  try {
    return pid !== null && process.kill(pid, 'SIGKILL')
  } catch {
    return false // it ended by itself between the look and the blow
  }
}

/** The process that the sample's runner is now; null while there is none. */
export const runnerPid = (place: Place): number | null => {
  try {
    return (JSON.parse(readFileSync(join(place.data, 'sample/runner.pid'), 'utf8')) as { pid: number }).pid
  } catch {
    return null
  }
}

const agentPid = (place: Place): number | null =>
  processesOf(place.folder).find((one) => /sample-agent/.test(one.words))?.pid ?? null

const outcomeOf = async (
  place: Place,
  plane: Running,
  facts: string[],
  { settings, said }: { settings: Record<string, string>; said: string },
): Promise<Outcome> => {
  const admin: Caller = localAdmin(place.data)
  const view: Json = await admin.get('/api/runs/1')
  const keys = await run(place, viewportProgram, ['keys', '-o', join(place.folder, 'keys.json')])
  const saved = await run(place, viewportProgram, ['packet', '1', '-o', join(place.folder, 'packet.zip')])
  const kept = { backup: join(place.folder, 'all.backup'), packet: join(place.folder, 'packet.zip') }
  const backup = await run(place, viewportProgram, ['backup', kept.backup, '--data', place.data], settings)
  const failed = [keys, saved, backup].find(({ code }) => code !== 0)
  if (failed) throw new Error(failed.out + failed.err)
  const secrets = secretsOf(place)
  plane.child.kill('SIGINT')
  await plane.ended
  const verified = await run(place, vpdProgram, [
    'audit',
    'verify',
    join(place.folder, 'packet.zip'),
    '--key',
    join(place.folder, 'keys.json'),
  ])
  const programs = [keys, saved, backup, verified].map(({ out, err }) => out + err)
  const ref = String(view.change?.ref)
  return {
    outcome: String(view.outcome),
    steps: view.steps.map((step: { id: string; tone: string }) => `${step.id}:${step.tone}`),
    tree: view.change === null ? '' : git(place, 'rev-parse', `${ref}^{tree}`),
    refs: git(place, 'for-each-ref', '--format=%(refname)').split('\n').length,
    pushes: git(place, 'reflog', 'show', '--format=%gs', ref).split('\n').filter(Boolean).length,
    opened: facts.filter((type) => type === 'change.opened').length,
    packet: verified.code,
    left: processesOf(place.folder).map((one) => one.words),
    leaks: leaksIn(place, secrets, { ...kept, said: [said, plane.out(), plane.err(), ...programs].join('') }),
  }
}

const git = (place: Place, ...asked: string[]): string =>
  execFileSync('git', ['--git-dir', remoteOf(place), ...asked], { encoding: 'utf8', env: place.env }).trim()
