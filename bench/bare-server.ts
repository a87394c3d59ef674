/**
 * What would a user have instead? A bare node:http server with one insert per event, as a program of its own: no signature, no dedupe
 * beyond the key, no rows for lists, no ledger. `node bare-server.ts DATABASE_URL`; prints its port. The bench holds the product against it.
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import path from 'node:path'
import pg from 'pg'

const [url = ''] = process.argv.slice(2)
const pool = new pg.Pool({ connectionString: url, max: 12 })
await pool.query(`create schema if not exists bare;
  create table if not exists bare.events (id text primary key, body json not null, at timestamptz not null default now());
  create table if not exists bare.gates (gate text primary key, state text not null default 'open', asks text not null, title text not null, opened_at timestamptz not null default now());
  create index if not exists gates_asks on bare.gates (asks, opened_at desc) where state = 'open';
  create table if not exists bare.votes (gate text not null, person text not null, verdict text not null, comment text, at timestamptz not null default now(), primary key (gate, person))`)

const textOf = async (request: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString('utf8')
}

const routes: Record<
  string,
  (request: IncomingMessage, words: string[]) => Promise<[status: number, answer: unknown]>
> = {
  /** Stores an event. */
  async event(request) {
    const body = await textOf(request)
    await pool.query({
      name: 'event',
      text: 'insert into bare.events (id, body) values ($1, $2) on conflict do nothing',
      values: [request.headers['webhook-id'], body],
    })
    return [202, { stored: true }]
  },
  /** Stores a vote and closes what was voted on, in one transaction. */
  async vote(request, [gate]) {
    const { verdict, comment } = JSON.parse(await textOf(request)) as { verdict: string; comment: string }
    const client = await pool.connect()
    try {
      await client.query('begin')
      const { rowCount } = await client.query({
        name: 'close',
        text: `update bare.gates set state = 'closed' where gate = $1 and state = 'open'`,
        values: [gate],
      })
      if (rowCount === 1)
        await client.query({
          name: 'vote',
          text: 'insert into bare.votes (gate, person, verdict, comment) values ($1, $2, $3, $4)',
          values: [gate, 'jess', verdict, comment],
        })
      await client.query('commit')
      return [rowCount === 1 ? 201 : 409, {}]
    } finally {
      client.release()
    }
  },
  /** The newest 50 that ask somebody. */
  async inbox() {
    const { rows } = await pool.query({
      name: 'inbox',
      text: `select gate, title, opened_at from bare.gates where asks = $1 and state = 'open' order by opened_at desc limit 50`,
      values: ['payments'],
    })
    return [200, rows]
  },
  /** Stores an event, clones the repository and starts the agent: what a script behind a webhook does. */
  async agent(request) {
    const { repository, argv, folder } = JSON.parse(await textOf(request)) as {
      repository: string
      argv: [string, ...string[]]
      folder: string
    }
    await pool.query('insert into bare.events (id, body) values ($1, $2)', [request.headers['webhook-id'], '{}'])
    const work = mkdtempSync(path.join(folder, 'bare-'))
    const { status } = spawnSync('git', ['clone', '--quiet', '--depth', '1', repository, path.join(work, 'tree')])
    if (status !== 0) return [500, {}]
    const [program, ...words] = argv
    const child = spawn(program, words, { cwd: path.join(work, 'tree'), stdio: ['pipe', 'pipe', 'ignore'] })
    child.stdin.end('Plan the work.')
    let plan = ''
    child.stdout.setEncoding('utf8').on('data', (part: string) => (plan += part))
    await new Promise((resolve) => child.once('close', resolve))
    return [200, { plan }]
  },
}

const server = createServer((request, response) => {
  const [, name = '', ...words] = (request.url ?? '').split('/')
  const route = routes[name]
  const answer = route ? route(request, words) : Promise.resolve<[number, unknown]>([404, {}])
  answer.then(
    ([status, body]) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
    (error: Error) => response.writeHead(500).end(error.message),
  )
}).listen(0, '127.0.0.1', () => {
  const address = server.address()
  console.log(typeof address === 'object' && address ? address.port : 0)
})
process.on('SIGTERM', () => {
  server.closeAllConnections()
  server.close()
  void pool.end()
})
