/** A control plane behind a proxy that ends TLS: runners sign for the public address, requests arrive on loopback in clear. */
import { expect, test } from 'vitest'
import { testPlane } from '../../test/plane.ts'
import { TestRunner, capabilities } from './testing/known-runner.ts'

const publicUrl = 'https://viewport.acme.example'

test('a runner that signs for the public address, or for where it listens, is known; for any other address it is not', async () => {
  const at = await testPlane({ publicUrl })
  const acme = await at.workspace('acme')
  const { db } = at.plane.context
  const listens = `http://127.0.0.1:${at.plane.port}`
  const hello = (runner: TestRunner) => runner.post('/wire/hello', { capabilities: capabilities(), holding: [] })
  for (const [name, sees] of [
    ['outside', publicUrl],
    ['inside', listens],
  ] as const) {
    const runner = await new TestRunner(listens, sees).pair(db, acme.id, name)
    expect(await hello(runner)).toMatchObject({ status: 200, body: { name } })
  }
  for (const sees of ['https://evil.example', 'http://viewport.acme.example', `${publicUrl}.evil.example`]) {
    const runner = new TestRunner(listens, sees)
    expect(
      await runner.post('/wire/pairings', { key: runner.jwk, name: 'x', pool: 'local', capabilities: capabilities() }),
    ).toMatchObject({ status: 401, body: { code: 'proof_invalid' } })
  }
})
