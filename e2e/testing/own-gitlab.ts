// The part of GitLab that merge requests and pipelines need. It is our own, written after GitLab's public documentation, for want of a program of somebody else: it shows that
// both sides of us fit, and nothing about GitLab itself. The commits are those of a real repository.
import { execFileSync } from 'node:child_process'
import http from 'node:http'
import type { AddressInfo } from 'node:net'

import type { Json } from './api.ts'

export type OwnGitLab = {
  url: string
  mrs: Json[]
  /** The one pipeline fails, with no job that was run again. */
  fails(): void
  close(): Promise<void>
}

const us = { id: 1, username: 'viewport', name: 'Viewport', bot: true }

/** One project, acme/shop, which is the bare repository at `remote`, with one pipeline, 1. Whoever has the token is Viewport. */
export async function openOwnGitLab(token: string, remote: string): Promise<OwnGitLab> {
  const mrs: Json[] = []
  let pipeline = { status: 'failed', retried: 0 }
  let url = ''
  const headOf = (branch: string): string | null => {
    try {
      return execFileSync('git', ['-C', remote, 'rev-parse', '--verify', `refs/heads/${branch}`], {
        encoding: 'utf8',
        stdio: 'pipe',
      }).trim()
    } catch {
      return null
    }
  }
  const shown = (mr: Json): Json => ({ ...mr, sha: headOf(mr['source_branch'] as string) })
  const open = ({ source_branch: source, target_branch: target, title, description, labels }: Json): [number, Json] => {
    if (mrs.some((one) => one['source_branch'] === source && one['state'] === 'opened'))
      return [409, { message: ['Another open merge request already exists for this source branch'] }]
    const iid = mrs.length + 1
    const mr = {
      iid,
      title,
      description,
      author: us,
      state: 'opened',
      labels: labels ? String(labels).split(',') : [],
      web_url: `${url}/acme/shop/-/merge_requests/${iid}`,
      source_branch: source,
      target_branch: target,
      source_project_id: 7,
      target_project_id: 7,
      draft: false,
    }
    mrs.push(mr)
    return [201, shown(mr)]
  }
  const job = (id: number): Json => ({ id, name: 'test', status: id === 1 ? 'failed' : pipeline.status, stage: 'test' })

  const answer = (method: string, { pathname, searchParams }: URL, body: Json): [number, unknown] => {
    const path = pathname.replace('/api/v4', '')
    if (path === '/user') return [200, us]
    if (path === '/personal_access_tokens/self') return [200, { scopes: ['api'] }]
    const inside = /^\/projects\/acme%2Fshop(\/.*)?$/.exec(path)?.[1]
    if (inside === undefined) return [404, { message: '404 Project Not Found' }]
    const branch = /^\/repository\/branches\/(.+)$/.exec(inside)?.[1]
    if (branch !== undefined) {
      const id = headOf(decodeURIComponent(branch))
      return id === null ? [404, { message: '404 Branch Not Found' }] : [200, { name: branch, commit: { id } }]
    }
    if (inside === '/merge_requests' && method === 'POST') return open(body)
    if (inside === '/merge_requests')
      return [200, mrs.filter((one) => one['source_branch'] === searchParams.get('source_branch')).map(shown)]
    const [, iid, more] = /^\/merge_requests\/(\d+)(\/.*)?$/.exec(inside) ?? []
    const mr = mrs[Number(iid) - 1]
    if (mr && more === undefined) return [200, shown(method === 'PUT' ? Object.assign(mr, body) : mr)]
    if (mr) return more === '/approvals' ? [200, { approved_by: [] }] : [200, []]
    if (inside === '/pipelines/1/retry' && method === 'POST') {
      pipeline = { status: 'running', retried: pipeline.retried + 1 }
      return [201, { id: 1, status: pipeline.status }]
    }
    if (inside === '/pipelines/1')
      return [200, { id: 1, status: pipeline.status, web_url: `${url}/acme/shop/-/pipelines/1` }]
    if (inside === '/pipelines/1/jobs') {
      const ids = Array.from({ length: pipeline.retried + 1 }, (_, at) => at + 1)
      return [200, (searchParams.get('include_retried') === 'true' ? ids : ids.slice(-1)).map(job)]
    }
    return method === 'GET' ? [200, []] : [404, { message: '404 Not Found' }]
  }

  const server = http.createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const text = Buffer.concat(parts).toString('utf8')
      const [status, told] =
        request.headers['private-token'] === token
          ? answer(request.method!, new URL(request.url!, 'http://x'), text === '' ? {} : (JSON.parse(text) as Json))
          : [401, { message: '401 Unauthorized' }]
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(told))
    })
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    mrs,
    fails: () => void (pipeline = { status: 'failed', retried: 0 }),
    async close() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}
