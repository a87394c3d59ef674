/** What passes the proxy of a step, over real sockets; and what a hostile program can make of it. */
import { createServer, type IncomingMessage, type Server } from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startEgress, wayTo, type Egress, type EgressRules } from './egress-proxy.ts'

let server: Server
let port = 0
let seen: { method?: string; url?: string; headers: IncomingMessage['headers'] }[] = []
let egress: Egress
let refused: string[] = []
const open = async (rules: Partial<EgressRules>): Promise<void> => {
  egress = await startEgress(
    { hosts: [], near: [], doors: [], ...rules },
    (host, at, why) => void refused.push(`${host}:${at} ${why}`),
  )
}
beforeEach(async () => {
  seen = []
  refused = []
  server = createServer((asked, answer) => {
    seen.push({ method: asked.method, url: asked.url, headers: asked.headers })
    if (asked.url === '/away') return void answer.writeHead(302, { location: `http://127.0.0.1:${port}/inner` }).end()
    answer.writeHead(200, { 'x-from': 'server', 'proxy-authenticate': 'x' }).end('hello')
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.2', ready))
  port = (server.address() as AddressInfo).port
})
afterEach(async () => {
  await egress.close()
  await new Promise((closed) => (server.closeAllConnections(), server.close(closed)))
})

/** Sends raw text to the proxy and reads until it ends. */
const raw = (text: string): Promise<string> =>
  new Promise((done, fail) => {
    const socket = net.connect({ host: '127.0.0.1', port: egress.port, allowHalfOpen: true })
    let got = ''
    socket.on('data', (bytes: Buffer) => (got += bytes.toString('latin1')))
    socket.on('end', () => (socket.destroy(), done(got)))
    socket.on('close', () => done(got))
    socket.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNRESET' ? done(got) : fail(error)))
    socket.setTimeout(10_000, () => (socket.destroy(), done(`${got}(time)`)))
    socket.write(text)
  })
const named = () => ({ hosts: [`127.0.0.2:${port}`], near: [`127.0.0.2:${port}`] })

describe('the proxy of a step', () => {
  it('passes a named host on, in a tunnel and as a plain request', async () => {
    await open(named())
    const tunnel = await raw(`CONNECT 127.0.0.2:${port} HTTP/1.1\r\nhost: x\r\n\r\nGET /through HTTP/1.0\r\n\r\n`)
    expect(tunnel).toMatch(/^HTTP\/1.1 200 .*hello$/s)
    const plain = await raw(
      `GET http://127.0.0.2:${port}/a?b=c HTTP/1.1\r\nhost: elsewhere.example\r\nproxy-authorization: Basic eA==\r\nx-mine: 1\r\nconnection: close\r\n\r\n`,
    )
    expect(plain).toMatch(/^HTTP\/1.1 200 .*hello/s)
    expect(plain.toLowerCase()).not.toContain('proxy-authenticate')
    expect(seen.map(({ url }) => url)).toEqual(['/through', '/a?b=c'])
    expect(seen[1]?.headers).toMatchObject({ host: `127.0.0.2:${port}`, 'x-mine': '1' })
    expect(seen[1]?.headers).not.toHaveProperty('proxy-authorization')
    expect(refused).toEqual([])
  })

  it('follows no redirect itself: the next address is asked for, and looked at, again', async () => {
    await open(named())
    expect(await raw(`GET http://127.0.0.2:${port}/away HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 302 /,
    )
    expect(await raw(`GET http://127.0.0.1:${port}/inner HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 403 /,
    )
    expect(seen.map(({ url }) => url)).toEqual(['/away'])
  })

  it.each([
    'CONNECT 127.0.0.1:PORT',
    'CONNECT [::1]:PORT',
    'CONNECT 169.254.169.254:80',
    'CONNECT 0x7f000001:PORT',
    'CONNECT 2130706433:PORT',
    'CONNECT 127.1:PORT',
    'CONNECT localhost:PORT',
    'CONNECT evil.example:443',
    'CONNECT 127.0.0.2.evil.example:PORT',
    'CONNECT 127.0.0.2:22',
    'CONNECT user@127.0.0.2:PORT',
    'CONNECT /:443',
    'CONNECT 127.0.0.2:99999',
    'GET /relative',
    'GET http://169.254.169.254/latest/meta-data',
    'GET http://user:pass@127.0.0.1:PORT/',
    'GET http://[::ffff:127.0.0.2]:PORT/',
    'GET https://127.0.0.2:PORT/',
    'GET ftp://127.0.0.2:PORT/',
    'GET file:///etc/passwd',
  ])('refuses and says: %s', async (line) => {
    await open(named())
    const answer = await raw(
      `${line.replace('PORT', String(port))} HTTP/1.1\r\nhost: 127.0.0.2:${port}\r\nconnection: close\r\n\r\n`,
    )
    expect(answer).toMatch(/^HTTP\/1.1 4\d\d /)
    expect(seen).toEqual([])
    if (answer.startsWith('HTTP/1.1 403')) expect(refused).toHaveLength(1)
  })

  it('with no hosts, passes nothing but vpd’s own doors', async () => {
    const door = createServer((_asked, answer) => answer.end('a door'))
    await new Promise<void>((ready) => door.listen(0, '127.0.0.1', ready))
    const at = (door.address() as AddressInfo).port
    await open({ doors: [at] })
    expect(await raw(`GET http://127.0.0.1:${at}/ HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`)).toContain(
      'a door',
    )
    expect(await raw(`CONNECT 127.0.0.2:${port} HTTP/1.1\r\n\r\n`)).toMatch(/^HTTP\/1.1 4/)
    await new Promise((closed) => (door.closeAllConnections(), door.close(closed)))
  })

  it('what may be near is not named by that alone', async () => {
    await open({ near: [`127.0.0.2:${port}`] })
    expect(await raw(`CONNECT 127.0.0.2:${port} HTTP/1.1\r\nhost: x\r\n\r\n`)).toMatch(/^HTTP\/1.1 403 /)
    expect(refused).toEqual([`127.0.0.2:${port} it is not among the hosts that this step may reach`])
  })

  it('a named host whose name leads to this machine, its network or the cloud is refused, unless it may be near (F51)', async () => {
    await open({})
    const rules = { hosts: [`localhost:${port}`, '169.254.169.254:80', '10.0.0.1'], near: [], doors: [] }
    expect(await wayTo(rules, 'localhost', port)).toMatchObject({
      why: expect.stringContaining('not on the public internet') as string,
    })
    expect(await wayTo(rules, '10.0.0.1', 443)).toMatchObject({ why: expect.stringContaining('10.0.0.1') as string })
    const near = { ...rules, near: rules.hosts }
    expect(await wayTo(near, 'localhost', port)).toMatchObject({ port })
    expect(await wayTo(near, '10.0.0.1', 443)).toEqual({ address: '10.0.0.1', port: 443 })
    expect(await wayTo(near, '169.254.169.254', 80)).toHaveProperty('why')
  })

  it('survives rubbish, and ends open tunnels when the step ends', async () => {
    await open(named())
    for (const text of [
      '\0\0\0\r\n\r\n',
      'CONNECT\r\n\r\n',
      `GET / HTTP/1.1\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`,
      'GET http://127.0.0.2:1/ HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n',
    ])
      expect(await raw(text)).toMatch(/^(HTTP\/1.1 4\d\d |$)/)
    const socket = net.connect({ host: '127.0.0.1', port: egress.port })
    socket.on('error', () => {})
    const closed = new Promise((done) => socket.once('close', done))
    socket.write(`CONNECT 127.0.0.2:${port} HTTP/1.1\r\nhost: x\r\n\r\n`)
    await new Promise((up) => socket.once('data', up))
    await egress.close()
    await closed
  })
})
