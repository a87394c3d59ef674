/**
 * The part of GitHub that keeps statuses of commits and runs of Actions, as the tests of this folder meet it. It is our own, written after GitHub's public documentation,
 * because the program that stands for GitHub elsewhere has neither statuses nor a run's failed jobs once more: it shows that both sides of us fit, and nothing about GitHub itself.
 */
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll } from 'vitest'

export type BuildStatus = {
  id: number
  sha: string
  state: string
  context: string
  target_url: string
  description: string
}
export type ActionsRun = {
  id: number
  run_attempt: number
  status: 'queued' | 'completed'
  conclusion: string | null
  html_url: string
}
type Answer = [number, unknown, Record<string, string>?]

const token = 'token-of-viewport'
const states = ['error', 'failure', 'pending', 'success']
const no = (message: string): { message: string; documentation_url: string } => ({
  message,
  documentation_url: 'https://docs.github.com/rest',
})

/** acme/shop with commits, their statuses and runs of Actions. Ended after the tests of the file. */
export const emulatedBuilds = async () => {
  const commits = new Set<string>()
  const statuses: BuildStatus[] = []
  const runs: ActionsRun[] = []
  let serial = 30_000_000_000
  /** Another one has the name when a test says so. */
  const number = { of: 4711 }

  const report = (
    sha: string,
    { state, context = 'default', target_url, description }: Partial<BuildStatus>,
  ): Answer => {
    if (!commits.has(sha)) return [422, no(`No commit found for SHA: ${sha}`)]
    if (!states.includes(state ?? '')) return [422, no('Validation Failed')]
    if ((description ?? '').length > 140) return [422, no('Validation Failed')]
    const made = {
      id: ++serial,
      sha,
      state: state!,
      context,
      target_url: target_url ?? '',
      description: description ?? '',
    }
    statuses.unshift(made) // GitHub lists the latest first
    return [201, made]
  }
  const again = (run: ActionsRun): Answer => {
    if (run.status !== 'completed') return [403, no('This workflow is already running')]
    Object.assign(run, { run_attempt: run.run_attempt + 1, status: 'queued', conclusion: null })
    return [201, {}]
  }
  const answer = (method: string, { pathname, searchParams }: URL, text: string): Answer => {
    const [, rest = ''] = /^\/repos\/acme\/shop(\/.*)$/.exec(pathname) ?? []
    if (pathname === '/repos/acme/shop' && method === 'GET') return [200, { id: number.of, full_name: 'acme/shop' }]
    const listed = /^\/commits\/([0-9a-f]+)\/statuses$/.exec(rest)?.[1]
    if (listed && method === 'GET') {
      const most = Math.min(100, Number(searchParams.get('per_page') ?? 30))
      return [200, statuses.filter((one) => one.sha === listed).slice(0, most)]
    }
    const reported = /^\/statuses\/([0-9a-f]+)$/.exec(rest)?.[1]
    if (reported && method === 'POST') return report(reported, JSON.parse(text) as Partial<BuildStatus>)
    const [, id = '', more = ''] = /^\/actions\/runs\/(\d+)(\/rerun-failed-jobs)?$/.exec(rest) ?? []
    const run = runs.find((one) => one.id === Number(id))
    if (run && more === '' && method === 'GET') return [200, run]
    if (run && more !== '' && method === 'POST') return again(run)
    return [404, no('Not Found')]
  }

  const server = http.createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const known = request.headers.authorization === `Bearer ${token}`
      const [status, body, headers] = known
        ? answer(request.method!, new URL(request.url!, 'http://x'), Buffer.concat(parts).toString('utf8'))
        : ([401, no('Bad credentials')] as Answer)
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
    })
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  afterAll(async () => {
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    statuses,
    number,
    /** A commit that was pushed. */
    commit(): string {
      const sha = (++serial).toString(16).padStart(40, '0')
      commits.add(sha)
      return sha
    },
    /** A status of somebody else's. */
    report,
    /** A run of Actions that failed, at its first attempt. */
    run(): ActionsRun {
      const id = ++serial
      const made: ActionsRun = {
        id,
        run_attempt: 1,
        status: 'completed',
        conclusion: 'failure',
        html_url: `https://github.com/acme/shop/actions/runs/${id}`,
      }
      runs.push(made)
      return made
    },
  }
}
