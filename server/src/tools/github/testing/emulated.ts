/** GitHub as the tests of this folder meet it: a program of somebody else that answers like it and signs its webhooks. */
import { generateKeyPairSync } from 'node:crypto'
import { createEmulator } from 'emulate'
import { afterAll } from 'vitest'

export type Emulated = Awaited<ReturnType<typeof emulatedGitHub>>
export const tokens = { us: 'token-of-viewport', sam: 'token-of-sam', stranger: 'token-of-a-stranger' } as const

/** The private key of the App `viewport`, as GitHub gives it out. */
export const appKey = generateKeyPairSync('rsa', { modulusLength: 2_048 })
  .privateKey.export({ type: 'pkcs1', format: 'pem' })
  .toString()

/** acme/shop, where sam is a member and a stranger is not. Ended after the tests of the file. */
export const emulatedGitHub = async () => {
  const emulator = await createEmulator({
    service: 'github',
    port: 0,
    seed: {
      tokens: {
        [tokens.us]: { login: 'viewport-acme', scopes: ['repo'] },
        [tokens.sam]: { login: 'sam', scopes: ['repo'] },
        [tokens.stranger]: { login: 'stranger', scopes: ['repo'] },
      },
      github: {
        users: [{ login: 'viewport-acme' }, { login: 'sam' }, { login: 'stranger' }, { login: 'viewport[bot]' }],
        orgs: [{ login: 'acme', members: [{ login: 'sam' }, { login: 'viewport-acme' }] }],
        repos: [
          { owner: 'acme', name: 'shop', auto_init: true },
          { owner: 'acme', name: 'elsewhere', auto_init: true },
        ],
        apps: [
          {
            app_id: 12_345,
            slug: 'viewport',
            name: 'Viewport',
            private_key: appKey,
            permissions: { contents: 'read', issues: 'write', pull_requests: 'write', metadata: 'read' },
            events: ['issues'],
            installations: [{ installation_id: 100, account: 'acme', repository_selection: 'all' }],
          },
        ],
      },
    },
  })
  afterAll(() => emulator.close())
  // eslint-disable-next-line typescript/no-explicit-any -- tests look into answers freely
  const ask = async (method: string, path: string, body?: unknown, token: string = tokens.us): Promise<any> => {
    const came = await fetch(emulator.url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await came.text()
    if (!came.ok) throw new Error(`${method} ${path}: ${came.status} ${text}`)
    return text === '' ? null : JSON.parse(text)
  }
  await ask('PUT', '/repos/acme/shop/collaborators/viewport-acme', { permission: 'push' }, tokens.sam)
  const id = async (login: string): Promise<string> => String((await ask('GET', `/users/${login}`)).id)
  return {
    url: emulator.url,
    ask,
    ids: { us: await id('viewport-acme'), sam: await id('sam'), stranger: await id('stranger') },
    /** A branch of acme/shop with one commit more than main; its commit. */
    async branch(name: string): Promise<string> {
      const main = (await ask('GET', '/repos/acme/shop/git/ref/heads/main')).object.sha as string
      const blob = await ask('POST', '/repos/acme/shop/git/blobs', { content: `for ${name}`, encoding: 'utf-8' })
      const base = await ask('GET', `/repos/acme/shop/git/commits/${main}`)
      const tree = await ask('POST', '/repos/acme/shop/git/trees', {
        base_tree: base.tree.sha,
        tree: [{ path: 'src/price.js', mode: '100644', type: 'blob', sha: blob.sha }],
      })
      const commit = await ask('POST', '/repos/acme/shop/git/commits', {
        message: name,
        tree: tree.sha,
        parents: [main],
      })
      await ask('POST', '/repos/acme/shop/git/refs', { ref: `refs/heads/${name}`, sha: commit.sha })
      return commit.sha as string
    },
  }
}
