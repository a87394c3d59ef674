// Can what signs be changed with `viewport` alone, by name, and does it say until when the one before is taken and how it ends?
import { beforeAll, expect, test } from 'vitest'
import { viewportOf, type Ended } from '../../test/cli.ts'
import { testPlane, type TestWorkspace } from '../../test/plane.ts'
import { deliver } from '../../test/signed.ts'

const at = await testPlane()
let acme: TestWorkspace
let viewport: (...words: string[]) => Promise<Ended>
beforeAll(async () => {
  acme = await at.workspace('acme')
  viewport = await viewportOf(acme.admin)
})

test(
  'of a webhook source: shown once, taken beside the one before until that is ended',
  { timeout: 90_000 },
  async () => {
    const [url, secret] = (await viewport('sources', 'add', 'Bug tracker')).out.trim().split('\n')
    const source = { url: url!, secret: secret! }
    const id = url!.split('/').at(-1)!
    const made = await viewport('sources', 'rotate', 'Bug tracker', '--old-for', '3')
    expect(made).toMatchObject({ code: 0, out: expect.stringMatching(/^whsec_\S{44}\n$/) })
    expect(made.err).toMatch(/taken until \d{4}-\d\d-\d\d \d\d:\d\d UTC/)
    expect(made.err).toContain(`viewport sources end-old ${id}`)
    const next = { url: url!, secret: made.out.trim() }
    for (const one of [source, next]) expect((await deliver(at.url, one, { type: 'x' })).status).toBe(202)
    const { out } = await viewport('sources')
    expect(out).toMatch(/Bug tracker: the secret that was replaced .* is taken until .* UTC, and signed something /)
    expect(out).not.toContain('whsec_')
    expect(await viewport('sources', 'end-old', 'Bug tracker')).toMatchObject({
      code: 0,
      out: `${id} takes its newest secret alone.\n`,
    })
    expect((await deliver(at.url, source, { type: 'x' })).status).toBe(401)
    expect((await viewport('sources', 'end-old', id)).err).toContain('Bug tracker takes no secret of before any more.')
    expect((await viewport('sources', 'rotate', id, '--old-for', '0')).err).toContain(
      'The one before is not taken any more.',
    )
    expect((await viewport('sources', 'rotate', 'nobody')).err).toContain('no source nobody')
    expect(await viewport('sources', 'rotate', id, '--old-for', '169')).toMatchObject({ code: 2 })
    expect(await viewport('sources', 'remove', 'Bug tracker')).toMatchObject({ code: 0 })
  },
)

test('of a connection: made here, or said where it is made', { timeout: 90_000 }, async () => {
  expect((await viewport('connect', 'ci', '--name', 'builds')).code).toBe(0)
  const made = await viewport('connections', 'rotate', 'builds')
  expect(made).toMatchObject({ code: 0, out: expect.stringMatching(/^token: whsec_\S{44}\n$/) })
  expect(made.err).toMatch(/viewport connections end-old con_\w+/)
  expect((await viewport('connections')).out).toMatch(/builds: the secret that was replaced .* signed nothing since/)
  expect((await viewport('connections', 'end-old', 'builds')).code).toBe(0)
  expect((await viewport('connections', 'end-old', 'builds')).err).toContain('takes no secret of before')
  expect(
    (await viewport('connect', 'webhook', '--name', 'ops', '--set', 'url=https://ops.acme.example/hooks')).code,
  ).toBe(0)
  // What goes out is signed with both, and the words say so.
  const sends = await viewport('connections', 'rotate', 'ops', '--old-for', '2')
  expect(sends).toMatchObject({ code: 0, out: expect.stringMatching(/^secret: whsec_\S{44}\n$/) })
  expect(sends.err).toMatch(/Messages are signed with the one before as well, until .* UTC/)
  expect((await viewport('connections')).out).toMatch(/ops: messages are signed with the secret that was replaced /)
  expect((await viewport('connections', 'end-old', 'ops')).code).toBe(0)
  expect((await viewport('connections', 'rotate', 'ops', '--old-for', '0')).err).toContain(
    'Nothing is signed with the one before any more',
  )
  expect((await viewport('connections')).out).not.toContain('as well, until')
})
