// `viewport keys rotate` beside a control plane that runs: it follows at once, so do its runners, and what was signed before stays valid.
import { calculateJwkThumbprint, compactVerify, decodeProtectedHeader, importJWK } from 'jose'
import { expect, test, vi } from 'vitest'
import { successionType } from '@viewportai/core/wire/key-succession'
import { grantType } from '@viewportai/core/wire/grant'
import { specOf } from '@viewportai/core/run/testing/play'
import { home, runViewport } from '../../test/cli.ts'
import { testPlane } from '../../test/plane.ts'
import { Story } from '../../test/story.ts'
import { TestRunner } from '../wire/testing/known-runner.ts'

const at = await testPlane()

const rotate = async (env: Record<string, string>): Promise<{ kid: string; before: string[] }> => {
  const { code, out, err } = await runViewport({ VIEWPORT_DATA_DIR: home, ...env }, 'keys', 'rotate', '--json')
  if (code !== 0) throw new Error(err)
  return JSON.parse(out)
}

test('every replica signs with the new key, runners have a way from the old one to it, and both stay listed', async () => {
  const acme = await at.workspace('acme', ['payments'])
  const runner = await new TestRunner(at.url).pair(at.plane.context.db, acme.id, 'laptop')
  const other = await at.replica()
  const start = () => new Story(at.plane.context.db, acme.id).start(specOf())
  const [old] = (await acme.admin.get('/api/keys')).body.keys
  await start()
  const kidOf = async (): Promise<unknown> => decodeProtectedHeader((await runner.lease())!.grant).kid
  expect(await kidOf()).toBe(old.kid)
  expect((await runner.post('/wire/keys', {})).body).toEqual({ successions: [] })

  const { kid, before } = await rotate({
    DATABASE_URL: at.test.url,
    VIEWPORT_KEY: Buffer.from(at.test.key).toString('base64'),
  })
  expect(before).toEqual([old.kid])
  for (const plane of [at.plane, other])
    await vi.waitFor(() => expect(plane.context.signing.current.kid).toBe(kid), 20_000)
  const { keys } = (await acme.admin.get('/api/keys')).body
  expect(keys).toMatchObject([
    { kid, notAfter: null },
    { kid: old.kid, notBefore: old.notBefore, notAfter: expect.any(Number) },
  ])

  // The token of before is still taken, the work of after is signed by the new key, and the old one leads to it.
  await start()
  const lease = (await runner.lease())!
  const { protectedHeader } = await compactVerify(lease.grant, await importJWK(keys[0], 'EdDSA'))
  expect(protectedHeader).toMatchObject({ kid, typ: grantType })
  const { successions } = (await runner.post('/wire/keys', {})).body
  expect(successions).toHaveLength(1)
  const vouched = await compactVerify(successions[0], await importJWK(old, 'EdDSA'))
  expect(vouched.protectedHeader.typ).toBe(successionType)
  expect(await calculateJwkThumbprint(JSON.parse(new TextDecoder().decode(vouched.payload)).next)).toBe(kid)
  expect((await runner.send('POST', '/wire/keys', {}, {}, { authorization: 'DPoP x.y.z' })).status).toBe(401)
})

test('with another key of the installation nothing is changed', async () => {
  const before = at.plane.context.signing.current.kid
  await expect(
    rotate({ DATABASE_URL: at.test.url, VIEWPORT_KEY: Buffer.alloc(32, 7).toString('base64') }),
  ).rejects.toThrow()
  expect(at.plane.context.signing.current.kid).toBe(before)
})
