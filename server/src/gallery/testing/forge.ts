/**
 * A GitHub in front of a real git repository, for tests: the program of somebody else that answers like GitHub keeps no git, and makes up
 * its commits. A front of ours brings every branch of the repository into it, and puts the real commits in the place of made-up ones, both ways.
 */
import { execFileSync } from 'node:child_process'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll } from 'vitest'
import { emulatedGitHub } from '../../tools/github/testing/emulated.ts'

/** `folder`: the bare repository behind acme/shop. Ended after the tests of the file. */
export const forgeOn = async (folder: string) => {
  const hub = await emulatedGitHub()
  const real = new Map<string, string>() // made-up commit -> real commit
  const madeUp = new Map<string, string>()
  const branches = new Map<string, string>()
  const repo = '/repos/acme/shop/git'
  const known = (made: string, commit: string): void => {
    real.set(made, commit)
    madeUp.set(commit, made)
  }
  const begin = (await hub.ask('GET', `${repo}/ref/heads/main`)).object.sha as string

  const bring = async (): Promise<void> => {
    const refs = execFileSync('git', ['--git-dir', folder, 'for-each-ref', '--format=%(refname) %(objectname)'], {
      encoding: 'utf8',
    })
    for (const line of refs.trim().split('\n')) {
      const [ref = '', commit = ''] = line.split(' ')
      if (!ref.startsWith('refs/heads/') || branches.get(ref) === commit) continue
      if (ref === 'refs/heads/main') known(begin, commit)
      else if (!madeUp.has(commit)) {
        const tree = await hub.ask('POST', `${repo}/trees`, {
          tree: [{ path: 'src/price.js', mode: '100644', type: 'blob', content: commit }],
        })
        const made = await hub.ask('POST', `${repo}/commits`, { message: commit, tree: tree.sha, parents: [begin] })
        known(made.sha, commit)
      }
      const sha = madeUp.get(commit)
      if (branches.has(ref)) await hub.ask('PATCH', `${repo}/${ref}`, { sha, force: true })
      else if (ref !== 'refs/heads/main') await hub.ask('POST', `${repo}/refs`, { ref, sha })
      branches.set(ref, commit)
    }
  }
  const swapped = (text: string, by: ReadonlyMap<string, string>): string =>
    text.replace(/\b[0-9a-f]{40}\b/g, (sha) => by.get(sha) ?? sha)

  let turn: Promise<void> = Promise.resolve()
  const server = http.createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const answered = turn.then(async () => {
        await bring()
        const body = Buffer.concat(parts).toString('utf8')
        const came = await fetch(hub.url + swapped(request.url ?? '/', madeUp), {
          method: request.method ?? 'GET',
          headers: Object.fromEntries(
            ['authorization', 'content-type', 'accept'].flatMap((name) => {
              const value = request.headers[name]
              return typeof value === 'string' ? [[name, value]] : []
            }),
          ),
          ...(body === '' ? {} : { body: swapped(body, madeUp) }),
        })
        const text = swapped(await came.text(), real).replaceAll(hub.url, url)
        response.writeHead(came.status, { 'content-type': came.headers.get('content-type') ?? 'application/json' })
        response.end(came.status === 204 ? undefined : text)
      })
      // Somebody may still ask while all of it is taken away.
      turn = answered.catch(() => void response.destroy())
    })
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  afterAll(async () => {
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
  })
  return { ...hub, url, bring }
}
