// emulate's GitHub, the program of somebody else, with a real repository behind it: acme/shop, where Viewport has an account that may write, and Sam too.
import { createEmulator } from 'emulate'

import type { Json } from './api.ts'
import { withRealCommits } from './real-commits.ts'

export type EmulatedHub = {
  url: string
  /** Asks as whoever has this token, Viewport when none is said. Throws with the answer when it is no success. */
  ask(method: string, path: string, body?: unknown, token?: string): Promise<Json>
  close(): Promise<void>
}
export const hubTokenOfSam = 'token-of-sam'

/** `remote`: the path of the bare repository. `token`: Viewport's. */
export async function openEmulatedHub(remote: string, token: string): Promise<EmulatedHub> {
  const hub = await createEmulator({
    service: 'github',
    port: 0,
    seed: {
      tokens: {
        [token]: { login: 'viewport-acme', scopes: ['repo'] },
        [hubTokenOfSam]: { login: 'sam', scopes: ['repo'] },
      },
      github: {
        users: [{ login: 'viewport-acme' }, { login: 'sam' }],
        orgs: [{ login: 'acme', members: [{ login: 'viewport-acme' }, { login: 'sam' }] }],
        repos: [{ owner: 'acme', name: 'shop', auto_init: true }],
      },
    },
  })
  const askAt = async (at: string, method: string, path: string, body?: unknown, as = token): Promise<Json> => {
    const came = await fetch(at + path, {
      method,
      headers: { authorization: `Bearer ${as}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await came.text()
    if (!came.ok) throw new Error(`${method} ${path}: ${came.status} ${text}`)
    return (text === '' ? {} : JSON.parse(text)) as Json
  }
  const may = { permission: 'push' }
  await askAt(hub.url, 'PUT', '/repos/acme/shop/collaborators/viewport-acme', may, hubTokenOfSam)
  const forge = await withRealCommits(hub.url, remote, token)
  return {
    url: forge.url,
    ask: (method, path, body, as) => askAt(forge.url, method, path, body, as),
    async close() {
      await forge.close()
      await hub.close()
    },
  }
}
