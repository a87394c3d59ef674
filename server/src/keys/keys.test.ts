import { randomBytes, verify, createPublicKey } from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { testDatabase } from '../../test/database.ts'
import { seal, unseal } from './box.ts'
import { installationKey, newKeyText } from './installation-key.ts'
import { SuccessionClaims, successionType } from '@viewportai/core/wire/key-succession'
import { compactVerify, importJWK } from 'jose'
import { liveSigningKeys, loadSigningKeys, rotateSigningKey, rotationGrace } from './signing-keys.ts'

const made = await testDatabase()
const folder = mkdtempSync(path.join(os.tmpdir(), 'viewport-keys-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('a sealed secret', () => {
  const key = randomBytes(32)
  test('opens with its key for its purpose only, and looks different every time', () => {
    const sealed = seal(key, 'source src_1', 'whsec_ünï')
    expect(unseal(key, 'source src_1', sealed)).toBe('whsec_ünï')
    expect(seal(key, 'source src_1', 'whsec_ünï')).not.toBe(sealed)
    expect(() => unseal(key, 'source src_2', sealed)).toThrow(
      /sealed source src_2 does not open with this installation's key/,
    )
    expect(() => unseal(randomBytes(32), 'source src_1', sealed)).toThrow(/does not open/)
  })
  test.each([3, 20, -1])('with a changed byte at %i does not open', (at) => {
    const sealed = Buffer.from(seal(key, 'x', 'secret').slice(3), 'base64url')
    const i = at < 0 ? sealed.length + at : at
    sealed[i] = sealed[i]! ^ 1
    expect(() => unseal(key, 'x', `v1.${sealed.toString('base64url')}`)).toThrow(/does not open/)
  })
  test.each(['', 'v1.', 'v2.abc', 'plain'])('%j is none', (text) => {
    expect(() => unseal(key, 'x', text)).toThrow(/damaged/)
  })
})

describe('the installation’s key', () => {
  test('is made once, readable by its owner only, and found again', () => {
    const home = path.join(folder, 'a')
    const first = installationKey(home, null)
    expect(first).toMatchObject({ from: 'file', file: path.join(home, 'key') })
    expect(statSync(first.file!).mode & 0o777).toBe(0o600)
    expect(installationKey(home, null).key.equals(first.key)).toBe(true)
    expect(readFileSync(first.file!, 'utf8').trim()).toHaveLength(43)
  })
  test('comes from the environment in base64 or hex', () => {
    const key = randomBytes(32)
    for (const text of [key.toString('hex'), key.toString('base64'), key.toString('base64url'), newKeyText()])
      expect(installationKey(folder, text).key).toHaveLength(32)
    expect(
      installationKey(folder, key.toString('hex')).key.equals(installationKey(folder, key.toString('base64')).key),
    ).toBe(true)
  })
  test.each([
    ['short', 'abc'],
    ['one letter', 'a'.repeat(64)],
    ['a password', 'correct horse battery staple'],
  ])('%s is refused', (_, text) => {
    expect(() => installationKey(folder, text)).toThrow(
      /VIEWPORT_KEY (must be 32 random bytes|is not random).*openssl rand -base64 32/,
    )
  })
  test.skipIf(process.platform === 'win32')('that others can read is refused', () => {
    const home = path.join(folder, 'b')
    const { file } = installationKey(home, null)
    chmodSync(file!, 0o644)
    expect(() => installationKey(home, null)).toThrow(/can be read by others. Run "chmod 600/)
  })
  test('that is damaged is refused', () => {
    const home = path.join(folder, 'c')
    const { file } = installationKey(home, null)
    writeFileSync(file!, 'half')
    expect(() => installationKey(home, null)).toThrow(/The key file .* must be 32 random bytes/)
  })
})

describe('signing keys', () => {
  test('are made once, however many start at once, and sign what their public part verifies', async () => {
    const loaded = await Promise.all(Array.from({ length: 12 }, () => loadSigningKeys(made.db, made.key)))
    expect(new Set(loaded.map((keys) => keys.current.kid)).size).toBe(1)
    const { current, sign, all } = loaded[0]!
    const bytes = Buffer.from('what is signed')
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: current.public.x }, format: 'jwk' })
    expect(verify(null, bytes, key, sign(bytes))).toBe(true)
    expect(verify(null, Buffer.from('something else'), key, sign(bytes))).toBe(false)
    expect(all).toEqual([{ key: current.public, from: expect.any(Number), until: null }])
  })

  test('when rotated leave windows without a gap, newest first, and are followed by every replica', async () => {
    const before = await loadSigningKeys(made.db, made.key)
    const replica = await liveSigningKeys(await made.again(), made.key, () => {})
    expect(replica.current.kid).toBe(before.current.kid)
    const after = await rotateSigningKey(made.db, made.key)
    expect(after.current.kid).not.toBe(before.current.kid)
    expect(after.all).toHaveLength(2)
    const [now, then] = after.all
    expect(now).toMatchObject({ key: { kid: after.current.kid }, until: null })
    expect(then).toMatchObject({ key: { kid: before.current.kid }, until: now!.from + rotationGrace })
    await vi.waitFor(() => expect(replica.current.kid).toBe(after.current.kid), 20_000)
    expect(replica.all).toEqual(after.all)
    expect(await loadSigningKeys(made.db, made.key).then((keys) => keys.current.kid)).toBe(after.current.kid)
    // The key before has signed for the one after it, and so on; runners that pinned the first follow.
    const last = await rotateSigningKey(made.db, made.key)
    expect(last.successions).toHaveLength(2)
    const chain = [before, after, last]
    for (const [at, succession] of last.successions.entries()) {
      const { payload, protectedHeader } = await compactVerify(
        succession,
        await importJWK(chain[at]!.current.public, 'EdDSA'),
      )
      expect(protectedHeader).toEqual({ alg: 'EdDSA', typ: successionType })
      expect(SuccessionClaims.parse(JSON.parse(new TextDecoder().decode(payload)))).toMatchObject({
        next: { x: chain[at + 1]!.current.public.x },
        at: last.all.at(-2 - at)!.from,
      })
    }
    await vi.waitFor(() => expect(replica.successions).toEqual(last.successions), 20_000)
  })

  test('when rotated are followed by a replica that did not hear of it, and what fails is told once', async () => {
    const deaf = { ...(await made.again()), nudges: { on: () => () => {}, send: () => {}, close: async () => {} } }
    const told: string[] = []
    const replica = await liveSigningKeys(deaf, made.key, (words) => void told.push(words), 10)
    onTestFinished(() => replica.close())
    const after = await rotateSigningKey(made.db, made.key)
    await vi.waitFor(() => expect(replica.current.kid).toBe(after.current.kid), { timeout: 20_000 })
    expect(told).toEqual(['The control plane signs with another key now.'])
    await made.db.asOwner((owner) => owner.query('revoke select on vp.keys from vp_app'))
    await vi.waitFor(() => expect(told).toHaveLength(2), { timeout: 20_000 })
    await made.db.asOwner((owner) => owner.query('grant select on vp.keys to vp_app'))
    const last = await rotateSigningKey(made.db, made.key)
    await vi.waitFor(() => expect(replica.current.kid).toBe(last.current.kid), { timeout: 20_000 })
    expect(told).toEqual([
      'The control plane signs with another key now.',
      'The signing keys could not be read again; the ones known are used.',
      'The control plane signs with another key now.',
    ])
  })

  test('stay those of the newest rotation when an older look is answered last', async () => {
    const slow = await made.again()
    const held: Promise<void>[] = []
    const app = Object.assign(Object.create(slow.app) as typeof slow.app, {
      async query(this: unknown, ...words: [string]) {
        const rows = await slow.app.query(...words)
        await held.shift()
        return rows
      },
    })
    const told: string[] = []
    const replica = await liveSigningKeys({ ...slow, app }, made.key, (words) => void told.push(words), 10)
    onTestFinished(() => replica.close())
    let answer = (): void => {}
    const asked = new Promise<void>((resolve) => (answer = resolve))
    held.push(asked)
    await vi.waitFor(() => expect(held).toEqual([]), { timeout: 20_000 }) // it read the keys, and waits for its answer
    const after = await rotateSigningKey(made.db, made.key)
    await vi.waitFor(() => expect(told).toHaveLength(1), { timeout: 500 }).catch(() => {}) // where a second look goes beside it
    answer()
    await new Promise(setImmediate) // what it brings is taken, or not
    await vi.waitFor(() => expect(replica.current.kid).toBe(after.current.kid), { timeout: 20_000 })
    expect(told).toEqual(['The control plane signs with another key now.'])
  })

  test('are useless without the installation’s key', async () => {
    await expect(loadSigningKeys(made.db, randomBytes(32))).rejects.toThrow(
      /does not open with this installation's key/,
    )
    const { rows } = await made.db.app.query<{ sealed: string; public: unknown }>('select sealed, public from vp.keys')
    for (const row of rows) expect(JSON.stringify(row)).not.toMatch(/PRIVATE|"d"/)
  })
})
