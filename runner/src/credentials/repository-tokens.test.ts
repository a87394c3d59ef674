/** Are tokens of repositories kept in the form in which git's environment is made of them, and is their use noted? */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { credentialEnvironment } from '../git/credentials.ts'
import { remoteOf } from '../git/remote-url.ts'
import { forgetToken, keepToken, listTokens, tokensFile } from './repository-tokens.ts'

let folder: string
beforeEach(async () => void (folder = await mkdtemp(path.join(tmpdir(), 'vpd-tokens-'))))
afterEach(() => rm(folder, { recursive: true, force: true }))

const scope = 'https://git.acme.example/'
const token = (value: string) => ({ username: 'vpd', token: value })

test('a token that was kept is given to git for its class alone, and its use is noted', async () => {
  await keepToken(folder, 'checkout', scope, token('read-token-1'))
  await keepToken(folder, 'publish', scope, token('write-token-1'))
  expect((await stat(tokensFile(folder))).mode & 0o777).toBe(0o600)
  const remote = remoteOf(`${scope}acme/shop.git`)
  expect(await credentialEnvironment(folder, 'checkout', remote)).toMatchObject({ VPD_GIT_TOKEN: 'read-token-1' })
  const used = async () =>
    Object.fromEntries((await listTokens(folder)).map((one) => [one.class, one.lastUsed !== null]))
  await expect.poll(used).toEqual({ checkout: true, publish: false })
  expect(await credentialEnvironment(folder, 'publish', remote)).toMatchObject({ VPD_GIT_TOKEN: 'write-token-1' })
  await expect.poll(used).toEqual({ checkout: true, publish: true })
  expect(JSON.stringify(await listTokens(folder))).not.toMatch(/-token-1/)
})

test('what else stands in the file stays, and a token is forgotten once', async () => {
  await writeFile(tokensFile(folder), JSON.stringify({ [scope]: { ca: '/etc/ssl/acme.pem' } }), { mode: 0o600 })
  await keepToken(folder, 'checkout', scope, token('read-token-1'))
  await keepToken(folder, 'checkout', 'https://other.example/', token('other-token'))
  expect(await forgetToken(folder, 'checkout', 'https://other.example/')).toBe(true)
  expect(await forgetToken(folder, 'checkout', 'https://other.example/')).toBe(false)
  expect(await forgetToken(folder, 'publish', scope)).toBe(false)
  expect(JSON.parse(await readFile(tokensFile(folder), 'utf8'))).toEqual({
    [scope]: { ca: '/etc/ssl/acme.pem', checkout: token('read-token-1') },
  })
})

test('a file that others may read is listed with what is wrong', async () => {
  await writeFile(tokensFile(folder), JSON.stringify({ [scope]: { checkout: token('read-token-1') } }), { mode: 0o644 })
  expect(await listTokens(folder)).toMatchObject([{ class: 'checkout', note: expect.stringContaining('chmod 600') }])
})
