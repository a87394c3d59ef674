/** A runner for tests of the wire: its own key, real proofs, real sockets. It speaks the wire and nothing else. */
import { generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto'
import http from 'node:http'
import { CompactSign, SignJWT } from 'jose'
import { athOf, htuOf } from '@viewportai/core/wire/proof'
import { keyThumbprint, keyWords } from '@viewportai/core/wire/key-words'
import type { Capabilities, Lease, Report } from '@viewportai/core/wire/messages'
import { reportText, reportType } from '@viewportai/core/wire/report-text'
import { isolation } from '@viewportai/core/run/testing/play'
import type { Database } from '../../database/open.ts'
import { inWorkspace } from '../../database/tenant.ts'
import { freshId } from '../../fresh-id.ts'
import { agentBy, openRelay } from '../../relay/testing/client.ts'

export const capabilities = (over: Partial<Capabilities> = {}): Capabilities => ({
  vpd: '0.1.0',
  os: 'linux',
  arch: 'x64',
  host: 'test',
  agents: [
    {
      name: 'sample',
      version: '1',
      path: null,
      usable: true,
      tested: true,
      modes: ['plan', 'read', 'edit', 'review'],
      note: null,
    },
  ],
  tools: [{ name: 'git', version: '2.39.5' }],
  isolation,
  slots: 256,
  labels: [],
  mode: 'persistent',
  transport: 'polling',
  ...over,
})

/** The first report of a piece of work. */
export const started: Extract<Report, { type: 'started' }> = {
  type: 'started',
  agent: { name: 'sample', version: '1', tested: true },
  isolation,
  resumed: false,
}

// What a test reads from an answer is for its assertions to know.
// oxlint-disable-next-line typescript/no-explicit-any
export type Said = { status: number; body: any; headers: Headers }
type Proof = {
  alg?: string
  htm?: string
  htu?: string
  iat?: number
  jti?: string
  ath?: string | null
  typ?: string
  jwk?: Record<string, unknown>
  key?: KeyObject
}

/** The wire is tested by every transport: it knows no difference. */
export const transport = process.env['VIEWPORT_TEST_TRANSPORT'] === 'relay' ? 'relay' : 'polling'

const fetchBy = (
  agent: http.Agent,
  url: string,
  { body, ...options }: { method: string; headers: Record<string, string>; body: string | Uint8Array },
): Promise<Response> =>
  new Promise((resolve, reject) => {
    const request = http.request(url, { ...options, agent }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part)).on('error', reject)
      response.on('end', () => {
        const { statusCode: status = 0, headers } = response
        resolve(
          new Response(status === 204 ? null : Buffer.concat(parts), {
            status,
            headers: headers as Record<string, string>,
          }),
        )
      })
    })
    request.on('error', reject).end(body)
  })

export class TestRunner {
  readonly url: string
  /** The address it believes to talk to: another one than `url` behind a proxy. */
  readonly sees: string
  readonly keys = generateKeyPairSync('ed25519')
  readonly jwk: { kty: 'OKP'; crv: 'Ed25519'; x: string }
  id = ''
  token: string | null = null
  /** The word of this start of the program; undefined: it says none. */
  instance: string | undefined
  /** Its connections, where they go by a relay. */
  agent: http.Agent | undefined

  constructor(url: string, sees = url) {
    this.url = url
    this.sees = sees
    const { x } = this.keys.publicKey.export({ format: 'jwk' })
    this.jwk = { kty: 'OKP', crv: 'Ed25519', x: x! }
  }

  /** A DPoP proof for a request; every part can be bent. */
  proof(method: string, path: string, bend: Proof = {}): Promise<string> {
    const claims: Record<string, unknown> = {
      htm: bend.htm ?? method,
      htu: bend.htu ?? htuOf(`${this.sees}${path}`),
      jti: bend.jti ?? randomUUID(),
      iat: bend.iat ?? Math.floor(Date.now() / 1_000),
    }
    const ath = bend.ath === undefined ? (this.token ? athOf(this.token) : null) : bend.ath
    if (ath !== null) claims['ath'] = ath
    return new SignJWT(claims)
      .setProtectedHeader({ alg: bend.alg ?? 'EdDSA', typ: bend.typ ?? 'dpop+jwt', jwk: bend.jwk ?? this.jwk } as never)
      .sign(bend.key ?? this.keys.privateKey)
  }

  async send(
    method: string,
    path: string,
    body: unknown,
    bend: Proof = {},
    headers: Record<string, string> = {},
  ): Promise<Said> {
    const raw = body instanceof Uint8Array
    const request = {
      method,
      headers: {
        'content-type': raw ? 'application/octet-stream' : 'application/json',
        dpop: await this.proof(method, path, bend),
        ...(this.token ? { authorization: `DPoP ${this.token}` } : {}),
        ...headers,
      },
      body: raw ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body),
    }
    const response = await (this.agent
      ? fetchBy(this.agent, this.url + path, request)
      : fetch(this.url + path, request))
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : null }
  }
  post(path: string, body: unknown, bend: Proof = {}): Promise<Said> {
    return this.send('POST', path, body, bend)
  }

  /** Asks for pairing and is approved as the web app would do it. */
  async pair(
    db: Database,
    workspace: string,
    name: string,
    pool = 'local',
    over: Partial<Capabilities> = {},
  ): Promise<this> {
    const begun = await this.post('/wire/pairings', { key: this.jwk, name, pool, capabilities: capabilities(over) })
    if (begun.status !== 200) throw new Error(`pairing: ${JSON.stringify(begun.body)}`)
    this.id = freshId('rnr')
    await inWorkspace(db, workspace, async (tx) => {
      const { rows } = await tx.query<{ ok: boolean }>('select vp.pairing_decide($1, $2, null) as ok', [
        begun.body.pairing,
        this.id,
      ])
      if (!rows[0]!.ok) throw new Error('the pairing was not claimed')
      await tx.query(
        'insert into vp.runners (workspace, runner, name, pool, key, thumbprint, words, capabilities, repositories, paired_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)',
        [
          workspace,
          this.id,
          name,
          pool,
          JSON.stringify(this.jwk),
          keyThumbprint(this.jwk),
          keyWords(this.jwk),
          JSON.stringify(capabilities(over)),
          ['acme/shop'],
          'usr_test',
        ],
      )
    })
    if (transport === 'relay') this.agent = agentBy(await openRelay(this.url, this))
    await this.login()
    return this
  }

  assertion(over: Record<string, unknown> = {}): Promise<string> {
    const now = Math.floor(Date.now() / 1_000)
    return new SignJWT({
      iss: this.id,
      sub: this.id,
      aud: `${this.sees}/wire/token`,
      jti: randomUUID(),
      iat: now,
      exp: now + 60,
      ...over,
    })
      .setProtectedHeader({ alg: 'EdDSA' })
      .sign(this.keys.privateKey)
  }
  async login(): Promise<Said> {
    this.token = null
    const said = await this.post('/wire/token', {
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await this.assertion(),
      ...(this.instance === undefined ? {} : { instance: this.instance }),
    })
    if (said.status === 200) this.token = said.body.access_token
    return said
  }

  async lease(request: string = randomUUID(), waitSeconds = 0): Promise<Lease | null> {
    const said = await this.post('/wire/leases', { request, waitSeconds, freeSlots: 1 })
    if (said.status === 204) return null
    if (said.status !== 200) throw new Error(`lease: ${JSON.stringify(said.body)}`)
    return said.body as Lease
  }
  ack(lease: Lease): Promise<Said> {
    return this.post(`/wire/leases/${lease.lease}/ack`, { epoch: lease.epoch })
  }
  async signed(lease: Lease, seq: number, report: Report): Promise<{ seq: number; report: Report; signature: string }> {
    const text = reportText(
      { run: lease.run, step: lease.step, attempt: lease.attempt, lease: lease.lease, epoch: lease.epoch, seq },
      report,
    )
    const [head, , tail] = (
      await new CompactSign(new TextEncoder().encode(text))
        .setProtectedHeader({ alg: 'EdDSA', typ: reportType })
        .sign(this.keys.privateKey)
    ).split('.')
    return { seq, report, signature: `${head}..${tail}` }
  }
  async report(lease: Lease, seq: number, ...reports: Report[]): Promise<Said> {
    return this.post(`/wire/leases/${lease.lease}/reports`, {
      epoch: lease.epoch,
      reports: await Promise.all(reports.map((report, i) => this.signed(lease, seq + i, report))),
    })
  }
}
