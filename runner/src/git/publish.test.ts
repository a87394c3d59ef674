import { execFileSync } from 'node:child_process'
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fetchCommit, fetchRef, hasCommit, openCache, type Cache } from './cache.ts'
import { lookAtRepository } from '../look/repository.ts'
import { lookAtRemote, pushCommit } from './publish.ts'
import { plainGit, testRemote, writeFiles, type TestRemote } from './remote.fixture.ts'
import { remoteOf } from './remote-url.ts'

let remote: TestRemote
let cache: Cache
let home = ''
beforeEach(async () => {
  remote = await testRemote({ 'a.txt': 'a\n' })
  home = path.join(remote.root, 'home')
  cache = await openCache(home, remoteOf(remote.url))
})
afterEach(() => rm(remote.root, { recursive: true, force: true }))

const ref = 'refs/heads/vp/x-123abc'

describe('the address of a repository', () => {
  it.each([
    'https://git.acme.example/acme/api.git',
    'https://git.acme.example:8443/acme/api',
    'file:///srv/git/api.git',
    '/srv/git/api.git',
  ])('%s is taken', (url) => {
    expect(remoteOf(url).url).toMatch(/^(https|file):\/\//)
  })
  it.each([
    'http://git.acme.example/acme/api',
    'ssh://git@acme.example/api',
    'git@acme.example:acme/api',
    'ext::sh -c id',
    'https://user:secret@git.acme.example/api',
    'https://git.acme.example/acme/../other',
    'https://git.acme.example/acme/%2e%2e/other',
    'https://git.acme.example/api?x=1',
    'file://host/srv/api',
    'file:relative',
    '--upload-pack=id',
    'relative/path',
    'https://git.acme.example/a\nb',
    'https://git.аcme.example/api',
    '',
  ])('%j is refused', (url) => {
    expect(() => remoteOf(url)).toThrow(/url_refused/)
  })
})

describe('the cache', () => {
  it('pins a ref, finds a pinned commit without asking, and says what is missing', async () => {
    const tip = remote.tip('main')
    expect(await fetchCommit(cache, 'refs/heads/main', null)).toBe(tip)
    expect(await fetchCommit(cache, 'HEAD', null)).toBe(tip)
    await expect(fetchCommit(cache, 'refs/heads/gone', null)).rejects.toThrow(/ref_missing/)
    await expect(fetchCommit(cache, 'main', '1'.repeat(40))).rejects.toThrow(/commit_missing/)
    await rm(remote.dir, { recursive: true })
    expect(await fetchCommit(cache, 'main', tip)).toBe(tip)
    await expect(fetchCommit(cache, 'main', null)).rejects.toThrow(/remote_unreachable/)
  })
  it.each(['--upload-pack=id', 'refs/heads/*', 'a:b', '+main', 'x..y', 'main@{1}', 'a b', '', 'refs/heads/x.lock'])(
    'takes no ref %j',
    async (ref) => {
      await expect(fetchCommit(cache, ref, null)).rejects.toThrow(/ref_missing/)
    },
  )
  it('serves many at once', async () => {
    const tips = await Promise.all(Array.from({ length: 8 }, () => fetchCommit(cache, 'main', null)))
    expect(new Set(tips)).toEqual(new Set([remote.tip('main')]))
  })
  it('follows a branch that was rewritten and one that became a folder', async () => {
    await remote.commit({ 'b.txt': 'b\n' }, 'topic')
    await fetchCommit(cache, 'main', null)
    remote.git('update-ref', '-d', 'refs/heads/topic')
    remote.git('update-ref', 'refs/heads/topic/one', 'main')
    remote.git('update-ref', 'refs/heads/main', remote.git('commit-tree', '-m', 'rewritten', 'main^{tree}'))
    expect(await fetchCommit(cache, 'main', null)).toBe(remote.tip('main'))
    expect(await fetchCommit(cache, 'topic/one', null)).toBe(remote.tip('refs/heads/topic/one'))
  })
})

describe('publishing', () => {
  it('puts one commit at one ref, when the ref is as expected', async () => {
    const base = await fetchCommit(cache, 'main', null)
    expect(await lookAtRemote(cache, [ref])).toEqual(new Map())
    await pushCommit(cache, base, ref, null)
    expect(await lookAtRemote(cache, [ref, 'refs/heads/main'])).toEqual(
      new Map([
        [ref, base],
        ['refs/heads/main', base],
      ]),
    )
    const next = await remote.commit({ 'a.txt': 'b\n' })
    await fetchCommit(cache, 'main', null)
    await expect(pushCommit(cache, next, ref, null)).rejects.toThrow(/stale info/)
    await expect(pushCommit(cache, next, ref, next)).rejects.toThrow(/stale info/)
    await pushCommit(cache, next, ref, base)
    expect(remote.tip(ref)).toBe(next)
    expect(await fetchRef(cache, ref)).toBe(next)
  })
  it('only exact names are looked at', async () => {
    const base = await fetchCommit(cache, 'main', null)
    remote.git('update-ref', 'refs/heads/x/refs/heads/main', base)
    expect([...(await lookAtRemote(cache, ['refs/heads/main'])).keys()]).toEqual(['refs/heads/main'])
  })
  it('runs none of the user’s and system’s settings', async () => {
    const canary = path.join(remote.root, 'canary')
    await writeFiles(remote.root, {
      'user/.gitconfig': `[core]\n\thooksPath = ${remote.root}/user/hooks\n[url "/elsewhere"]\n\tinsteadOf = file://\n[credential]\n\thelper = "!touch ${canary}"\n`,
      'user/hooks/pre-push': { program: `#!/bin/sh\ntouch ${canary}\n` },
    })
    const before = { ...process.env }
    Object.assign(process.env, {
      HOME: path.join(remote.root, 'user'),
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'core.hooksPath',
      GIT_CONFIG_VALUE_0: path.join(remote.root, 'user', 'hooks'),
      GIT_SSH_COMMAND: `touch ${canary}`,
      GIT_ASKPASS: `${canary}`,
      GIT_TRACE: canary,
      GIT_DIR: remote.root,
    })
    try {
      const base = await fetchCommit(cache, 'main', null)
      await pushCommit(cache, base, ref, null)
    } finally {
      for (const name of [
        'GIT_CONFIG_COUNT',
        'GIT_CONFIG_KEY_0',
        'GIT_CONFIG_VALUE_0',
        'GIT_SSH_COMMAND',
        'GIT_ASKPASS',
        'GIT_TRACE',
        'GIT_DIR',
      ])
        delete process.env[name]
      process.env['HOME'] = before['HOME']
    }
    expect(() => readFileSync(canary)).toThrow('ENOENT')
    expect(remote.tip(ref)).toBe(remote.tip('main'))
  })
})

describe('over https, with a token', () => {
  /** A real git server with its own certificate; asks for Basic auth and records who came with what. */
  const serve = async () => {
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-keyout',
        'key.pem',
        '-out',
        'cert.pem',
        '-days',
        '2',
        '-subj',
        '/CN=127.0.0.1',
        '-addext',
        'subjectAltName=IP:127.0.0.1',
      ],
      { cwd: remote.root, stdio: 'ignore' },
    )
    remote.git('config', 'http.receivepack', 'true')
    const seen: string[] = []
    const server = createServer(
      { key: readFileSync(path.join(remote.root, 'key.pem')), cert: readFileSync(path.join(remote.root, 'cert.pem')) },
      (request, response) => {
        const auth = Buffer.from(request.headers.authorization?.slice(6) ?? '', 'base64').toString()
        const url = new URL(request.url ?? '/', 'https://x')
        const writes = url.search.includes('receive-pack') || url.pathname.endsWith('receive-pack')
        seen.push(`${writes ? 'write' : 'read'} ${auth}`)
        if (auth !== (writes ? 'bot:publish-token' : 'bot:checkout-token') && !(auth === 'bot:publish-token'))
          return void response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end()
        const child = spawn('git', ['http-backend'], {
          env: {
            PATH: process.env['PATH'],
            GIT_PROJECT_ROOT: remote.root,
            GIT_HTTP_EXPORT_ALL: '1',
            PATH_INFO: url.pathname,
            QUERY_STRING: url.search.slice(1),
            REQUEST_METHOD: request.method,
            CONTENT_TYPE: request.headers['content-type'] ?? '',
            HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
            REMOTE_USER: 'bot',
            GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
          },
        })
        request.pipe(child.stdin)
        const out: Buffer[] = []
        child.stdout.on('data', (b: Buffer) => out.push(b))
        child.on('close', () => {
          const all = Buffer.concat(out)
          const end = all.indexOf('\r\n\r\n')
          for (const line of all.subarray(0, end).toString().split('\r\n')) {
            const [name = '', value = ''] = line.split(': ')
            if (name === 'Status') response.statusCode = parseInt(value)
            else response.setHeader(name, value)
          }
          response.end(all.subarray(end + 4))
        })
      },
    )
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
    return { server, seen, origin: `https://127.0.0.1:${(server.address() as AddressInfo).port}/` }
  }

  it('each class of token goes to its own processes, and no other address gets one', async () => {
    const { server, seen, origin } = await serve()
    try {
      await mkdir(home, { recursive: true })
      const file = path.join(home, 'credentials.json')
      await writeFile(
        file,
        JSON.stringify({
          [origin]: {
            checkout: { username: 'bot', token: 'checkout-token' },
            publish: { username: 'bot', token: 'publish-token' },
            ca: path.join(remote.root, 'cert.pem'),
          },
        }),
        { mode: 0o600 },
      )
      const https = await openCache(home, remoteOf(`${origin}remote.git`))
      const base = await fetchCommit(https, 'main', null)
      expect(await hasCommit(https, base)).toBe(true)
      expect(seen.filter((s) => s.includes('publish'))).toEqual([])
      await pushCommit(https, base, ref, null)
      expect(remote.tip(ref)).toBe(base)
      expect(seen.filter((s) => s === 'write bot:checkout-token')).toEqual([])
      await chmod(file, 0o644)
      await expect(pushCommit(https, base, `${ref}2`, null)).rejects.toThrow(/credentials_refused.*chmod 600/)
      await writeFile(
        file,
        JSON.stringify({
          'https://elsewhere.example/': {
            publish: { username: 'bot', token: 'publish-token' },
            ca: path.join(remote.root, 'cert.pem'),
          },
        }),
      )
      await chmod(file, 0o600)
      await expect(pushCommit(https, base, `${ref}2`, null)).rejects.toThrow(
        /certificate|Authentication|terminal prompts/i,
      )
      expect(plainGit(cache.dir, 'config', '--list')).not.toContain('token')
    } finally {
      server.close()
    }
  })

  it('what is looked at without a token, or with one that is not taken, names the command that sets one', async () => {
    const { server, origin } = await serve()
    const signal = new AbortController().signal
    const look = async (token: string | null) => {
      const checkout = token === null ? {} : { checkout: { username: 'bot', token } }
      const kept = { [origin]: { ...checkout, ca: path.join(remote.root, 'cert.pem') } }
      await mkdir(home, { recursive: true })
      await writeFile(path.join(home, 'credentials.json'), JSON.stringify(kept), { mode: 0o600 })
      return lookAtRepository({ home, url: `${origin}remote.git`, branch: null, tell: () => {}, signal })
    }
    try {
      const command = `\`vpd credentials set checkout ${origin} --user NAME\``
      await expect(look(null)).rejects.toMatchObject({
        failure: {
          code: 'checkout_token',
          summary: expect.stringMatching(/the runner has none for it/),
          check: expect.stringContaining(command),
        },
      })
      await expect(look('another-token')).rejects.toMatchObject({
        failure: {
          code: 'checkout_token',
          summary: expect.stringMatching(/does not let it in/),
          check: expect.stringContaining(command),
        },
      })
      expect((await look('checkout-token')).repository).toMatchObject({ branch: 'main', commit: remote.tip('main') })
    } finally {
      server.close()
    }
  })
})
