/**
 * Does the real Gemini CLI work with the login of its owner, lent to the step, and without any key? It asks Google by HTTPS whether the login is good, and
 * then Google's Code Assist: both are played, behind a proxy as a step has one, with a certificate that this test alone believes.
 */
import { execFileSync } from 'node:child_process'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { connect, type AddressInfo } from 'node:net'
import path from 'node:path'
import type { Duplex } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { knownAcpAgents } from './acp-config.ts'
import { acpDriver } from './acp-driver.ts'
import { loginHosts } from '../walls/login-hosts.ts'
import { openBench, type Bench } from './testing/bench.ts'
import { realAgent } from './testing/real-agents.ts'

const gemini = realAgent('gemini')
const known = knownAcpAgents['gemini']!
const driver = acpDriver('gemini', known, known.tested)
/** The same with less patience. */
const hasty = acpDriver('gemini', { ...known, login: { ...known.login!, openSeconds: 15 } }, known.tested)
const login = {
  access_token: 'ya29.of-the-owner-0123456789',
  refresh_token: '1//of-the-owner-0123456789',
  scope: 'https://www.googleapis.com/auth/cloud-platform',
  token_type: 'Bearer',
  expiry_date: 4_102_444_800_000,
}
type Asked = { host: string; url: string; authorization: string }

describe.skipIf(gemini.file === null)(`Gemini CLI with a login ${gemini.why ?? ''}`, { timeout: 120_000 }, () => {
  let bench: Bench
  let google: Server
  let proxy: Server
  let asked: Asked[]
  /** Hosts that it wanted to reach. */
  let hosts: Set<string>
  let isGood: boolean
  let file: string
  beforeEach(async () => {
    bench = await openBench({ programs: { gemini: gemini.file ?? '' }, conversations: [] })
    asked = []
    hosts = new Set()
    isGood = true
    file = path.join(bench.root, 'owner', 'oauth_creds.json')
    await mkdir(path.dirname(file))
    await writeFile(file, JSON.stringify(login), { mode: 0o600 })
    google = await playGoogle(
      bench.root,
      (one) => asked.push(one),
      () => isGood,
    )
    proxy = await tunnelTo(google, (host) => hosts.add(host))
  })
  afterEach(async () => {
    for (const server of [proxy, google]) {
      const closed = new Promise((done) => server.close(done))
      server.closeAllConnections()
      tunnels.splice(0).forEach((socket) => socket.destroy())
      await closed
    }
    const alive = await bench.alive()
    await bench.close()
    expect(alive).toEqual([])
  })
  const run = (one = driver) => {
    const { port } = proxy.address() as AddressInfo
    const task = bench.task({
      prompt: 'say hello',
      mode: 'read',
      modelName: 'gemini-2.5-pro',
      model: { way: 'login', agent: 'gemini', paths: [file] },
    })
    const at = `http://127.0.0.1:${port}`
    const env = { HTTPS_PROXY: at, https_proxy: at, NODE_EXTRA_CA_CERTS: path.join(bench.root, 'cert.pem') }
    return one.run({ ...task, env: { ...task.env, ...env } })
  }

  it('asks with it, and leaves it as it was and where it was alone', async () => {
    expect(await run()).toMatchObject({ end: 'finished', text: expect.stringContaining('hello') as string })
    const work = asked.filter(({ url }) => url.includes('streamGenerateContent'))
    expect(work.length).toBeGreaterThan(0)
    for (const { host, authorization } of work)
      expect([host, authorization]).toEqual(['cloudcode-pa.googleapis.com', `Bearer ${login.access_token}`])
    expect(hosts).toContain('oauth2.googleapis.com')
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(login)
    expect((await stat(file)).nlink).toBe(1)
  })

  it('that is not good any more ends the step, and says so', async () => {
    isGood = false
    await expect(run(hasty)).rejects.toThrow(/^login_not_taken: .* within 15 seconds/)
    expect(asked.filter(({ url }) => url.includes('streamGenerateContent'))).toEqual([])
    expect((await stat(file)).nlink).toBe(1)
  })
})

/** Google, as far as Gemini CLI asks it: is the token good, which project is it, what does the model say. */
const playGoogle = async (folder: string, saw: (asked: Asked) => void, isGood: () => boolean): Promise<Server> => {
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => path.join(folder, name)) as [string, string]
  const names = ['cloudcode-pa', 'oauth2', 'www', 'play'].map((name) => `DNS:${name}.googleapis.com`).join(',')
  const words = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=played', '-keyout', key]
  execFileSync('openssl', [...words, '-out', cert, '-addext', `subjectAltName=${names}`], { stdio: 'ignore' })
  const answerTo = (url: string): object => {
    if (url.includes('tokeninfo')) return { expires_in: 3_000, scope: login.scope, email: 'owner@acme.example' }
    if (url.includes('userinfo')) return { email: 'owner@acme.example' }
    if (url.includes('loadCodeAssist'))
      return {
        currentTier: { id: 'standard-tier', name: 'Standard', userDefinedCloudaicompanionProject: true },
        cloudaicompanionProject: 'played-project',
      }
    return {}
  }
  const server = createSecureServer({ key: await readFile(key), cert: await readFile(cert) }, (request, response) => {
    const { url = '', headers } = request
    saw({ host: headers.host ?? '', url, authorization: headers.authorization ?? '' })
    request.resume()
    if (!isGood() && /tokeninfo|\/token/.test(url)) {
      response.writeHead(400, { 'content-type': 'application/json' })
      return void response.end(JSON.stringify({ error: 'invalid_grant', error_description: 'Token was revoked.' }))
    }
    if (url.includes('streamGenerateContent')) {
      const parts = [{ text: 'hello' }]
      const candidates = [{ content: { role: 'model', parts }, finishReason: 'STOP', index: 0 }]
      const usageMetadata = { promptTokenCount: 10, candidatesTokenCount: 1, totalTokenCount: 11 }
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      return void response.end(`data: ${JSON.stringify({ response: { candidates, usageMetadata } })}\n\n`)
    }
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answerTo(url)))
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  return server
}

/** Both ends of what goes through the proxy. */
const tunnels: Duplex[] = []
/** A proxy as a step with a login has one: it lets to the hosts of that login alone, which are one server here. */
const tunnelTo = async (target: Server, saw: (host: string) => void): Promise<Server> => {
  const server = createServer((_, response) => void response.writeHead(405).end())
  server.on('connect', (request, socket, head) => {
    const host = (request.url ?? '').replace(/:\d+$/, '')
    saw(host)
    if (!loginHosts('gemini').includes(host)) return void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    const { port } = target.address() as AddressInfo
    const onward = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      onward.write(head)
      socket.pipe(onward).pipe(socket)
    })
    tunnels.push(socket, onward)
    for (const one of [socket, onward]) one.on('error', () => [socket, onward].forEach((end) => end.destroy()))
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  return server
}
