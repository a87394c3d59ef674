import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { changeDigest, type Change } from '@viewportai/core/gate/subject'
import { refuse } from '@viewportai/core/refusal'
import type { EffectJob } from '@viewportai/core/wire/job'
import { fetchCommit, openCache, type Cache } from '../git/cache.ts'
import { plainMessage } from '../git/plain-message.ts'
import { plainGit, testRemote, writeFiles, type Files, type TestRemote } from '../git/remote.fixture.ts'
import { remoteOf } from '../git/remote-url.ts'
import { madeChange } from './change.fixture.ts'
import { doEffect } from './effect-job.ts'
import type { Setup } from './port.ts'
import { testPort } from './port.fixture.ts'

const ref = 'refs/heads/vp/bug-1-3f9c52'
let remote: TestRemote
let setup: Setup
let cache: Cache
let base = ''
let bodies: Map<string, Uint8Array>

beforeEach(async () => {
  remote = await testRemote({ 'a.txt': 'one\ntwo\nthree\n', 'b.txt': 'b\n' })
  setup = { home: path.join(remote.root, 'home'), passEnvironment: [], commands: {} }
  cache = await openCache(setup.home, remoteOf(remote.url))
  base = await fetchCommit(cache, 'main', null)
  bodies = new Map()
})
afterEach(() => rm(remote.root, { recursive: true, force: true }))

let n = 0
const changeWith = async (files: Files): Promise<Change> => {
  const made = await madeChange(cache, base, ref, path.join(remote.root, `step-${n++}`), files)
  bodies.set(made.change.patch, made.patch)
  return made.change
}

const limits = { seconds: 60, tokens: null, usdMicros: null }
const effectJob = (
  action: string,
  change: Change,
  params: Record<string, unknown>,
  also: Partial<EffectJob> = {},
): EffectJob => ({
  kind: 'effect',
  intent: 'int_1',
  key: '0'.repeat(64),
  action,
  attempt: 1,
  digest: changeDigest(change),
  params,
  change,
  repos: [
    {
      name: 'acme/shop',
      url: remote.url,
      ref: 'refs/heads/main',
      commit: base,
      use: { name: 'acme/shop', ref: null, access: 'write', write: ['**'], protect: [] },
    },
  ],
  limits,
  ...also,
})
const pushJob = (change: Change, also: Partial<EffectJob> = {}, expect: string | null = null) =>
  effectJob('git.push', change, { repo: 'acme/shop', ref, expect, message: 'Fix the price' }, also)
const mergeJob = (change: Change, also: Partial<EffectJob> = {}) =>
  effectJob(
    'git.merge',
    change,
    { repo: 'acme/shop', ref, into: 'refs/heads/main', title: 'Fix the price', change: 'chg_1' },
    also,
  )

const run = async (job: EffectJob, also: Parameters<typeof testPort>[1] = {}) => {
  const port = testPort(job, { bodies, ...also })
  await doEffect(port, setup, job, path.join(remote.root, 'scratch'))
  return port.reports
}
const outcome = async (job: EffectJob) => (await run(job)).at(-1)
/** A remote's own hook, which runs when it is pushed to. */
const remoteHook = (name: string, script: string) =>
  writeFiles(remote.dir, { [`hooks/${name}`]: { program: `#!/bin/sh\n${script}\n` } })

describe('git.push', () => {
  it('pushes the approved tree on its base under a neutral name, and reads it back', async () => {
    const change = await changeWith({ 'a.txt': 'changed\n' })
    const reports = await run(pushJob(change))
    const tip = remote.tip(ref)
    expect(reports).toEqual([
      { type: 'effect_started', intent: 'int_1', attempt: 1 },
      {
        type: 'effect_succeeded',
        intent: 'int_1',
        attempt: 1,
        reconciled: false,
        receipt: {
          provider: 'git',
          id: `${ref}@${tip}`,
          url: null,
          observed: { repo: 'acme/shop', remote: remote.url, ref, commit: tip, tree: change.tree },
          readBack: true,
        },
      },
    ])
    expect(remote.git('log', '-1', '--format=%T %P %an <%ae> %cn %s', ref)).toBe(
      `${change.tree} ${base} Viewport <noreply@viewport.invalid> Viewport Fix the price`,
    )
  })

  it('of a run that was stopped is looked for and not done', async () => {
    const change = await changeWith({ 'a.txt': 'changed\n' })
    const look = pushJob(change, { attempt: 2, lookOnly: true })
    expect(await outcome(look)).toMatchObject({ type: 'effect_failed', failure: { code: 'not_done' } })
    expect(remote.git('for-each-ref', ref)).toBe('')
    await run(pushJob(change))
    expect(await outcome(look)).toMatchObject({ type: 'effect_succeeded', reconciled: true })
  })

  it('done before the answer was lost: the next attempt finds it and does not push again (F28)', async () => {
    const change = await changeWith({ 'a.txt': 'changed\n' })
    await remoteHook('post-receive', `echo push >> ${remote.root}/pushes`)
    await expect(
      run(pushJob(change), {
        onReport: (r) => {
          if (r.type === 'effect_succeeded') throw new Error('killed')
        },
      }),
    ).rejects.toThrow('killed')
    const tip = remote.tip(ref)
    expect(await outcome(pushJob(change, { attempt: 2 }))).toMatchObject({
      type: 'effect_succeeded',
      reconciled: true,
      receipt: { observed: { commit: tip } },
    })
    expect(remote.tip(ref)).toBe(tip)
    expect(await readFile(path.join(remote.root, 'pushes'), 'utf8')).toBe('push\n')
  })

  it('killed before the push: the next attempt pushes', async () => {
    const change = await changeWith({ 'a.txt': 'changed\n' })
    await expect(run(pushJob(change), { settled: () => Promise.reject(new Error('killed')) })).rejects.toThrow('killed')
    expect(remote.tip(ref)).toBe(null)
    expect(await outcome(pushJob(change, { attempt: 2 }))).toMatchObject({
      type: 'effect_succeeded',
      reconciled: false,
    })
  })

  it('a superseded attempt never pushes, and reports no more', async () => {
    const change = await changeWith({ 'a.txt': 'changed\n' })
    const reports = await run(pushJob(change), {
      settled: () => Promise.reject(refuse('stale_epoch', { current: 2, epoch: 1 })),
    })
    expect(reports.map((r) => r.type)).toEqual(['effect_started'])
    expect(remote.tip(ref)).toBe(null)
  })

  it('stopped in the last moment: nothing is pushed, and it says so', async () => {
    const change = await changeWith({ 'a.txt': 'changed\n' })
    const job = pushJob(change)
    const port = testPort(job, { bodies })
    port.abort.abort('cancelled')
    await doEffect(port, setup, job, path.join(remote.root, 'scratch'))
    expect(port.reports.at(-1)).toMatchObject({
      type: 'effect_failed',
      failure: { code: 'cancelled', class: 'cancelled' },
    })
    expect(remote.tip(ref)).toBe(null)
  })

  it('the remote vanishes during the push: unknown, and the next look finds it', async () => {
    const change = await changeWith({ 'a.txt': 'changed\n' })
    await remoteHook('post-receive', `mv ${remote.dir} ${remote.dir}.away`)
    expect(await outcome(pushJob(change))).toMatchObject({
      type: 'effect_unknown',
      why: expect.stringContaining('reading it back failed') as string,
    })
    expect(await outcome(pushJob(change, { attempt: 2 }))).toMatchObject({ type: 'effect_unknown' })
    await rename(`${remote.dir}.away`, remote.dir)
    expect(await outcome(pushJob(change, { attempt: 3 }))).toMatchObject({ type: 'effect_succeeded', reconciled: true })
  })

  it('nothing was done yet when the remote cannot be read at first', async () => {
    const change = await changeWith({ 'a.txt': 'changed\n' })
    await rename(remote.dir, `${remote.dir}.away`)
    expect(await outcome(pushJob(change))).toMatchObject({
      type: 'effect_failed',
      failure: { code: 'remote_unreachable', retrySafe: true },
    })
  })

  it('the remote says no: its words are in the failure', async () => {
    const change = await changeWith({ 'a.txt': 'changed\n' })
    await remoteHook('pre-receive', 'echo protected >&2; exit 1')
    expect(await outcome(pushJob(change))).toMatchObject({
      type: 'effect_failed',
      failure: { code: 'push_rejected', summary: expect.stringContaining('pre-receive hook declined') as string },
    })
  })

  it('somebody else wrote the branch: refused, before and during', async () => {
    const change = await changeWith({ 'a.txt': 'changed\n' })
    await remote.commit({ 'b.txt': 'other\n' }, ref.slice('refs/heads/'.length))
    expect(await outcome(pushJob(change))).toMatchObject({
      type: 'effect_failed',
      failure: { code: 'ref_moved', retrySafe: false },
    })
    const theirs = remote.tip(ref)
    expect(await outcome(pushJob(change, {}, base))).toMatchObject({
      type: 'effect_failed',
      failure: { code: 'ref_moved' },
    })
    expect(remote.tip(ref)).toBe(theirs)
  })

  it('the next round replaces what this run pushed before, and nothing else', async () => {
    const first = await changeWith({ 'a.txt': 'changed\n' })
    await outcome(pushJob(first))
    const before = remote.tip(ref)
    const second = await changeWith({ 'a.txt': 'changed again\n' })
    expect(await outcome(pushJob(second, {}, before))).toMatchObject({ type: 'effect_succeeded', reconciled: false })
    expect(remote.git('rev-parse', `${ref}^{tree}`)).toBe(second.tree)
  })

  it.each<[string, (job: EffectJob) => Partial<EffectJob>, string]>([
    ['another digest was approved (T23)', () => ({ digest: '1'.repeat(64) }), 'digest_differs'],
    ['the tree was swapped', (job) => ({ change: { ...job.change!, tree: '1'.repeat(40) } }), 'digest_differs'],
    [
      'the commit was swapped for another (F39)',
      (job) => ({ change: { ...job.change!, commit: base } }),
      'digest_differs',
    ],
    ['the ref is not below vp/', (job) => ({ params: { ...job.params, ref: 'refs/heads/main' } }), 'target_refused'],
    ['the ref is an option', (job) => ({ params: { ...job.params, ref: '--force' } }), 'target_refused'],
    ['the repository is not named', (job) => ({ params: { ...job.params, repo: 'acme/other' } }), 'target_refused'],
    [
      'the repository may only be read',
      (job) => ({ repos: job.repos.map((r) => ({ ...r, use: { ...r.use, access: 'read' as const } })) }),
      'target_refused',
    ],
    ['a parameter is missing', () => ({ params: { repo: 'acme/shop' } }), 'effect_invalid'],
    ['the action is unknown', () => ({ action: 'git.rewrite' }), 'action_unknown'],
    ['there is no change', () => ({ change: null }), 'effect_invalid'],
  ])('does nothing when %s', async (_name, alter, code) => {
    const job = pushJob(await changeWith({ 'a.txt': 'changed\n' }))
    const before = remote.git('for-each-ref')
    expect(await outcome({ ...job, ...alter(job) })).toMatchObject({ type: 'effect_failed', failure: { code } })
    expect(remote.git('for-each-ref')).toBe(before)
  })

  it('publishes no tree that the patch people saw does not give, although the digest is one of both (T23, T34)', async () => {
    const shown = await changeWith({ 'a.txt': 'harmless\n' })
    const evil = await changeWith({ 'a.txt': 'harmless\n', 'b.txt': 'evil\n' })
    const before = remote.git('for-each-ref')
    const forged = { ...evil, patch: shown.patch }
    const refused = { type: 'effect_failed', failure: { code: 'digest_differs' } }
    expect(await outcome(pushJob(forged))).toMatchObject(refused)
    expect(await outcome(pushJob({ ...shown, tree: evil.tree }))).toMatchObject(refused)
    bodies.delete(shown.patch)
    expect(await outcome(pushJob(forged))).toMatchObject(refused)
    expect(remote.git('for-each-ref')).toBe(before)
    expect(await outcome(pushJob(evil))).toMatchObject({ type: 'effect_succeeded' })
    const into = remote.tip('main')
    expect(await outcome(mergeJob(forged))).toMatchObject(refused)
    expect(remote.tip('main')).toBe(into)
  })

  it('makes the commit again from the patch on a runner that has only the evidence, or says that it is elsewhere', async () => {
    const change = await changeWith({ 'a.txt': 'changed\n' })
    const other: Setup = { ...setup, home: path.join(remote.root, 'other-home') }
    const job = pushJob(change)
    const without = testPort(job)
    await doEffect(without, other, job, path.join(remote.root, 'scratch'))
    expect(without.reports.at(-1)).toMatchObject({ type: 'effect_failed', failure: { code: 'change_not_here' } })
    const port = testPort(job, { bodies })
    await doEffect(port, other, job, path.join(remote.root, 'scratch'))
    expect(port.reports.at(-1)).toMatchObject({ type: 'effect_succeeded' })
    expect(remote.git('rev-parse', `${ref}^{tree}`)).toBe(change.tree)
  })
})

describe('git.merge', () => {
  const pushed = async (files: Files): Promise<Change> => {
    const change = await changeWith(files)
    await outcome(pushJob(change))
    return change
  }

  it('goes forward where the target stands on the base', async () => {
    const change = await pushed({ 'a.txt': 'changed\n' })
    expect(await outcome(mergeJob(change))).toMatchObject({
      type: 'effect_succeeded',
      reconciled: false,
      receipt: { observed: { commit: remote.tip(ref), into: 'refs/heads/main', before: base } },
    })
    expect(remote.tip('main')).toBe(remote.tip(ref))
  })

  it('makes one merge commit where the target went on, and finds it again', async () => {
    const change = await pushed({ 'a.txt': 'changed\n' })
    const theirs = await remote.commit({ 'b.txt': 'theirs\n' })
    await expect(
      run(mergeJob(change), {
        onReport: (r) => {
          if (r.type === 'effect_succeeded') throw new Error('killed')
        },
      }),
    ).rejects.toThrow('killed')
    const merge = remote.tip('main')
    expect(remote.git('log', '-1', '--format=%P', 'main')).toBe(`${theirs} ${remote.tip(ref)}`)
    expect(remote.git('show', 'main:a.txt')).toBe('changed')
    expect(remote.git('show', 'main:b.txt')).toBe('theirs')
    await remote.commit({ 'c.txt': 'later\n' })
    const main = remote.tip('main')
    expect(await outcome(mergeJob(change, { attempt: 2 }))).toMatchObject({
      type: 'effect_succeeded',
      reconciled: true,
      receipt: { observed: { commit: merge } },
    })
    expect(remote.tip('main')).toBe(main)
  })

  it('makes no merge commit where the workflow allows a fast-forward alone', async () => {
    const change = await pushed({ 'a.txt': 'changed\n' })
    await remote.commit({ 'b.txt': 'theirs\n' })
    const main = remote.tip('main')
    const job = mergeJob(change)
    expect(await outcome({ ...job, params: { ...job.params, method: 'fast_forward' } })).toMatchObject({
      type: 'effect_failed',
      failure: { code: 'not_fast_forward' },
    })
    expect(remote.tip('main')).toBe(main)
  })

  it('says which files conflict, and merges nothing', async () => {
    const change = await pushed({ 'a.txt': 'changed\n' })
    await remote.commit({ 'a.txt': 'theirs\n' })
    const main = remote.tip('main')
    expect(await outcome(mergeJob(change))).toMatchObject({
      type: 'effect_failed',
      failure: { code: 'merge_conflict', summary: expect.stringContaining('a.txt') as string },
    })
    expect(remote.tip('main')).toBe(main)
  })

  it('refuses when the branch holds something else now (T23)', async () => {
    const change = await pushed({ 'a.txt': 'changed\n' })
    await remote.commit({ 'a.txt': 'swapped\n' }, ref.slice('refs/heads/'.length))
    expect(await outcome(mergeJob(change))).toMatchObject({
      type: 'effect_failed',
      failure: { code: 'digest_differs' },
    })
    expect(remote.tip('main')).toBe(base)
  })

  it('refuses the approved files on another history: a fast-forward would undo what others did (T23)', async () => {
    const change = await pushed({ 'a.txt': 'changed\n' })
    const fix = await remote.commit({ 'b.txt': 'a fix of a colleague\n' })
    const swapped = plainGit(
      remote.dir,
      'commit-tree',
      change.tree,
      '-p',
      fix,
      '-m',
      'the same files, as if made after the fix',
    )
    remote.git('update-ref', ref, swapped)
    expect(await outcome(mergeJob(change))).toMatchObject({
      type: 'effect_failed',
      failure: { code: 'digest_differs' },
    })
    expect(remote.tip('main')).toBe(fix)
  })

  it('runs no merge driver that the repository names (E82)', async () => {
    const change = await pushed({ 'a.txt': 'ours\ntwo\nthree\n', '.gitattributes': '*.txt merge=evil\n' })
    await remote.commit({ 'a.txt': 'one\ntwo\ntheirs\n' })
    await mkdir(path.join(remote.root, 'user'))
    expect(await outcome(mergeJob(change))).toMatchObject({ type: 'effect_succeeded' })
    expect(remote.git('show', 'main:a.txt')).toBe('ours\ntwo\ntheirs')
  })

  it('looks again when the target moves between look and push', async () => {
    const change = await pushed({ 'a.txt': 'changed\n' })
    // the first push meets a target that just moved; the second one goes through
    const late = remote.git('commit-tree', '-p', base, '-m', 'late', `${base}^{tree}`)
    await remoteHook(
      'pre-receive',
      `[ -e ${remote.root}/moved ] && exit 0; touch ${remote.root}/moved; unset GIT_QUARANTINE_PATH; git update-ref refs/heads/main ${late}; exit 1`,
    )
    expect(await outcome(mergeJob(change))).toMatchObject({ type: 'effect_succeeded', reconciled: false })
    expect(plainGit(remote.dir, 'log', '-1', '--format=%P', 'main')).toBe(`${late} ${remote.tip(ref)}`)
  })
})

describe('a commit message from a title that anybody may have written (E91)', () => {
  it.each([
    ['Fixes #1 and closes acme/api#2', 'Fixes # 1 and closes acme/api# 2'],
    ['/merge @team now', 'merge @ team now'],
    ['Signed-off-by: Jess', 'Signed-off-by - Jess'],
    ['title\n\nCo-authored-by: Jess <j@x>', 'title Co-authored-by: Jess <j@ x>'],
    ['a [skip ci] b', 'a (skip ci) b'],
    [
      'Crash [skip [skip ci]ci] [c[no ci]i skip] [vercel skip]',
      'Crash (skip (skip ci)ci) (c(no ci)i skip) (vercel skip)',
    ],
    ['Crash ***NO_CI***', 'Crash **NO_CI**'],
    ['Closes GH-4, https://github.com/acme/x/issues/5', 'Closes GH- 4, https: //github.com/acme/x/issues/5'],
    ['Fixes SEC-12, PAY-7: UTF-8 in names', 'Fixes SEC- 12, PAY- 7: UTF-8 in names'],
    ['\u202Eevil\u0000', 'evil'],
    ['', 'A change of a Viewport run'],
    ['x'.repeat(300), 'x'.repeat(100)],
  ])('%j', (title, line) => {
    expect(plainMessage(title, 'd'.repeat(64))).toBe(`${line}\n\nViewport-Change: sha256:${'d'.repeat(64)}`)
  })
})
