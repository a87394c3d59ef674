import { bodyDigests } from '@viewportai/core/digest/body'
import { subjectDigest, type ChangedFile, type Subject } from '@viewportai/core/gate/subject'
import { describe, expect, test } from 'vitest'
import { seenDigest } from './seen.ts'
import { offered } from './standing.ts'
import { buttonWords } from './words.ts'

const common = { run: 'run_1', step: 'implement', round: 1 }
const id = 'a'.repeat(40)
const utf8 = new TextEncoder()
const shown = (text: string) => ({ digest: bodyDigests(utf8.encode(text)).digest, bytes: utf8.encode(text) })

const patch = 'diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1,2 @@\n-a\n+b\n+c\n'
const change = (
  text: string,
  files: ChangedFile[] = [
    { path: 'x', from: null, status: 'modified', mode: '100644', added: 2, removed: 1, binary: false },
  ],
): Subject => ({
  kind: 'change',
  ...common,
  ref: 'refs/heads/vp/x',
  protected: [],
  change: { repo: 'acme/api', base: id, commit: id, tree: id, patch: shown(text).digest, files },
})
const plan: Subject = { kind: 'plan', ...common, body: shown('# Plan').digest, files: ['x'], steps: 1 }

describe('what was shown is what is asked', () => {
  test('a plan', () =>
    expect(seenDigest(plan, subjectDigest(plan), shown('# Plan'))).toEqual({ ok: true, digest: subjectDigest(plan) }))
  test('a change', () =>
    expect(seenDigest(change(patch), subjectDigest(change(patch)), shown(patch))).toMatchObject({ ok: true }))
  test('an action without a body', () => {
    const action: Subject = { kind: 'action', ...common, action: 'slack.comment', target: '#x', params: { text: 'hi' } }
    expect(seenDigest(action, subjectDigest(action), null)).toEqual({ ok: true, digest: subjectDigest(action) })
  })
})

describe('an action that carries a change', () => {
  const carried = change(patch) as Extract<Subject, { kind: 'change' }>
  const merge: Subject = {
    kind: 'action',
    ...common,
    action: 'git.merge',
    target: 'acme/api refs/heads/main',
    params: { into: 'refs/heads/main' },
    change: carried.change,
  }
  test('needs its diff on the screen', () => {
    expect(seenDigest(merge, subjectDigest(merge), null)).toMatchObject({ ok: false })
    expect(seenDigest(merge, subjectDigest(merge), shown(patch))).toEqual({ ok: true, digest: subjectDigest(merge) })
  })
  test('is not decided on another diff', () =>
    expect(seenDigest(merge, subjectDigest(merge), shown(patch.replace('+c', '+d')))).toMatchObject({ ok: false }))
  test('is approved or rejected in its own words, and not sent back', () => {
    expect(offered({ kind: 'action', subject: merge })).toEqual(['reject', 'approve'])
    const card = { kind: 'action', subject: merge, required: 1, votes: [] } as const
    expect(buttonWords({ ...card, votes: [] }, 'approve')).toBe('Approve and merge')
  })
})

test('a question of an agent may be refused; one of the run itself is answered', () => {
  const asked = (about: string) =>
    offered({
      kind: 'question',
      subject: {
        kind: 'question',
        run: 'run_1',
        step: 'plan',
        round: 1,
        about,
        text: 'Which?',
        body: null,
        choices: [],
      },
    })
  expect(asked('agent')).toEqual(['reject', 'answer'])
  expect(asked('failure')).toEqual(['answer'])
})

describe('nothing may be decided', () => {
  test('before the bytes are here', () =>
    expect(seenDigest(plan, subjectDigest(plan), null)).toEqual({ ok: false, why: 'the bytes are not here yet' }))
  test('when the bytes are others', () =>
    expect(seenDigest(plan, subjectDigest(plan), shown('# Other'))).toMatchObject({ ok: false }))
  test('when the gate names another digest', () =>
    expect(seenDigest(plan, '0'.repeat(64), shown('# Plan'))).toMatchObject({ ok: false }))
  test('when the patch changes a file that the list does not name', () => {
    const more = `${patch}diff --git a/evil b/evil\nnew file mode 100755\n--- /dev/null\n+++ b/evil\n@@ -0,0 +1 @@\n+rm\n`
    expect(seenDigest(change(more), subjectDigest(change(more)), shown(more))).toMatchObject({
      ok: false,
      why: expect.stringContaining('evil'),
    })
  })
  test('when the list names more than the patch', () => {
    const subject = change(patch, [
      { path: 'x', from: null, status: 'modified', mode: '100644', added: 2, removed: 1, binary: false },
      { path: 'y', from: null, status: 'added', mode: null, added: 0, removed: 0, binary: true },
    ])
    expect(seenDigest(subject, subjectDigest(subject), shown(patch))).toMatchObject({
      ok: false,
      why: expect.stringContaining('y'),
    })
  })
  test('when the counts differ', () => {
    const subject = change(patch, [
      { path: 'x', from: null, status: 'modified', mode: '100644', added: 1, removed: 1, binary: false },
    ])
    expect(seenDigest(subject, subjectDigest(subject), shown(patch))).toMatchObject({
      ok: false,
      why: expect.stringContaining('+2 −1'),
    })
  })
  test('when a part of the patch is not understood', () => {
    const odd = `${patch}hidden tail\n`
    expect(seenDigest(change(odd), subjectDigest(change(odd)), shown(odd))).toMatchObject({
      ok: false,
      why: expect.stringContaining('line 8'),
    })
  })
})
