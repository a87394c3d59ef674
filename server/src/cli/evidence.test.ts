import { expect, test } from 'vitest'
import { bodyDigests } from '@viewportai/core/digest/body'
import { subjectDigest, type Subject } from '@viewportai/core/gate/subject'
import type { GateCard } from '@viewportai/core/view/shapes'
import type { Api } from './connect.ts'
import { readEvidence } from './evidence.ts'

const bytes = new TextEncoder().encode('1. Read it\n2. Mend it\n')
const body = { ...bodyDigests(bytes), kind: 'plan' as const, media: 'text/markdown', home: 'edge' as const }
const subject: Subject = {
  kind: 'plan',
  run: 'run_1',
  step: 'plan',
  round: 1,
  body: body.digest,
  files: ['src/a.js'],
  steps: 2,
}
const card = (over: Partial<GateCard> = {}) =>
  ({ run: 'run_1', subject, digest: subjectDigest(subject), body, ...over }) as GateCard
/** The one answer of the API that evidence needs: the bytes a control plane passes on. */
const serving = (served: Uint8Array): Api =>
  ({ body: async () => new Response(served as Uint8Array<ArrayBuffer>) }) as unknown as Api

test('what is shown is what is asked', async () => {
  expect(await readEvidence(serving(bytes), card())).toEqual({
    digest: subjectDigest(subject),
    text: '1. Read it\n2. Mend it\n',
    body,
  })
})

test.each([
  ['another subject than the digest names', serving(bytes), card({ subject: { ...subject, files: ['src/b.js'] } })],
  ['another body than the subject names', serving(bytes), card({ body: { ...body, digest: 'f'.repeat(64) } })],
  ['no body where the subject names one', serving(bytes), card({ body: null })],
  ['one other byte', serving(new TextEncoder().encode('1. Read it\n2. Mend if\n')), card()],
  ['bytes that were cut', serving(bytes.slice(0, -1)), card()],
])('%s: nothing is passed on', async (_, api, asked) => {
  await expect(readEvidence(api, asked)).rejects.toMatchObject({
    kind: 'refused',
    message: expect.stringContaining('Nothing was decided'),
  })
})
