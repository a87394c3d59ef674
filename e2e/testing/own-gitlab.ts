// The part of GitLab that merge requests, issues, statuses and pipelines need. It is our own, written after GitLab's public documentation, for want of a program of somebody else:
// it shows that both sides of us fit, and nothing about GitLab itself. The commits are those of a real repository.
import { execFileSync } from 'node:child_process'

import type { Json } from './api.ts'
import { openOwnServer, type OwnServer, type Told } from './own-server.ts'

export type OwnGitLab = OwnServer & {
  mrs: Json[]
  issues: Json[]
  statuses: Json[]
  /** What was said on issues and merge requests. */
  comments(): Json[]
  /** The one pipeline fails, with no job that was run again. */
  fails(): void
  /** The first issue has no label. */
  unlabels(): void
  /** Sam asks for changes of a merge request, a minute ago: whoever wrote just now is waited for. */
  review(iid: number, text: string): void
  /** Sam merges it in the repository. */
  merge(iid: number): void
}

const us = { id: 1, username: 'viewport', name: 'Viewport', bot: true }
const sam = { id: 2, username: 'sam', name: 'Sam', bot: false }

/** One project, acme/shop, which is the bare repository at `remote`, with one pipeline and one issue, 1 both. Whoever has the token is Viewport. */
export async function openOwnGitLab(token: string, remote: string): Promise<OwnGitLab> {
  const mrs: Json[] = []
  const issues: Json[] = []
  const statuses: Json[] = []
  const notes = new Map<Json, Json[]>()
  let serial = 100
  let pipeline = { status: 'failed', retried: 0 }
  let url = ''
  const git = (...words: string[]): string =>
    execFileSync('git', ['-C', remote, '-c', 'user.name=n', '-c', 'user.email=n@example.com', ...words], {
      encoding: 'utf8',
      stdio: 'pipe',
    }).trim()
  const headOf = (branch: string): string | null => {
    try {
      return git('rev-parse', '--verify', `refs/heads/${branch}`)
    } catch {
      return null
    }
  }
  const thing = (all: Json[], kind: string, said: Json): Json => {
    const iid = all.length + 1
    const web_url = `${url}/acme/shop/-/${kind}/${iid}`
    const labels = said['labels'] ? String(said['labels']).split(',') : []
    const one = { ...said, iid, author: us, state: 'opened', web_url, labels }
    all.push(one)
    notes.set(one, [])
    return one
  }
  const noted = (one: Json, author: Json, body: string, more: Json = {}): Json => {
    const at = new Date(Date.now() - (author === us ? 0 : 60_000)).toISOString()
    const note = { id: ++serial, body, author, created_at: at, updated_at: at, system: false, ...more }
    notes.get(one)!.unshift(note)
    return note
  }
  const shown = (one: Json): Json =>
    one['source_branch'] ? { ...one, sha: one['merged_sha'] ?? headOf(one['source_branch'] as string) } : one
  const open = (said: Json): Told => {
    if (mrs.some((one) => one['source_branch'] === said['source_branch'] && one['state'] === 'opened'))
      return [409, { message: ['Another open merge request already exists for this source branch'] }]
    const project = { source_project_id: 7, target_project_id: 7, draft: false }
    return [201, shown(thing(mrs, 'merge_requests', { ...said, ...project }))]
  }
  const change = (one: Json, { add_labels: add, remove_labels: remove, ...said }: Json): Told => {
    const words = (value: unknown): string[] => (value ? String(value).split(',') : [])
    const labels = [...new Set([...(one['labels'] as string[]), ...words(add)])]
    return [200, shown(Object.assign(one, said, { labels: labels.filter((name) => !words(remove).includes(name)) }))]
  }
  const inThing = (one: Json, method: string, more: string, body: Json): Told => {
    const note = /^\/notes\/(\d+)$/.exec(more)?.[1]
    if (more === '') return method === 'PUT' ? change(one, body) : [200, shown(one)]
    if (more === '/approvals') return [200, { approved_by: [] }]
    if (more === '/notes' && method === 'POST') return [201, noted(one, us, String(body['body']))]
    if (more === '/notes') return [200, notes.get(one)!]
    if (note !== undefined) return [200, notes.get(one)!.find(({ id }) => String(id) === note)]
    return [200, []]
  }
  const job = (id: number): Json => ({ id, name: 'test', status: id === 1 ? 'failed' : pipeline.status, stage: 'test' })
  const inPipeline = (method: string, more: string, query: URLSearchParams): Told => {
    if (more === '/retry' && method === 'POST') {
      pipeline = { status: 'running', retried: pipeline.retried + 1 }
      return [201, { id: 1, status: pipeline.status }]
    }
    if (more === '/jobs') {
      const ids = Array.from({ length: pipeline.retried + 1 }, (_, at) => at + 1)
      return [200, (query.get('include_retried') === 'true' ? ids : ids.slice(-1)).map(job)]
    }
    return [200, { id: 1, status: pipeline.status, web_url: `${url}/acme/shop/-/pipelines/1` }]
  }
  const inCommit = (sha: string, method: string, body: Json): Told => {
    if (method === 'POST') {
      const { state: status, name, target_url, description } = body
      const made = { id: ++serial, sha, status, name, target_url, description, author: us, allow_failure: false }
      statuses.push(made)
      return [201, made]
    }
    return [200, statuses.filter((one) => one['sha'] === sha)]
  }

  const server = await openOwnServer(
    (headers) => headers['private-token'] === token,
    { message: '401 Unauthorized' },
    (method, { pathname, searchParams: query }, body) => {
      const path = pathname.replace('/api/v4', '')
      if (path === '/user') return [200, us]
      if (path === '/personal_access_tokens/self') return [200, { scopes: ['api'] }]
      if (path === '/projects/acme%2Fshop' && method === 'GET')
        return [200, { id: 7, path_with_namespace: 'acme/shop', default_branch: 'main', web_url: `${url}/acme/shop` }]
      const inside = /^\/projects\/(?:acme%2Fshop|7)(\/.*)?$/.exec(path)?.[1]
      if (inside === undefined) return [404, { message: '404 Project Not Found' }]
      const branch = /^\/repository\/branches\/(.+)$/.exec(inside)?.[1]
      if (branch !== undefined) {
        const id = headOf(decodeURIComponent(branch))
        return id === null ? [404, { message: '404 Branch Not Found' }] : [200, { name: branch, commit: { id } }]
      }
      if (inside === '/merge_requests' && method === 'POST') return open(body)
      if (inside === '/merge_requests')
        return [200, mrs.filter((one) => one['source_branch'] === query.get('source_branch')).map(shown)]
      if (inside === '/issues')
        return method === 'POST' ? [201, thing(issues, 'issues', body)] : [200, issues.toReversed()]
      const [, kind, iid, more = ''] = /^\/(merge_requests|issues)\/(\d+)(\/.*)?$/.exec(inside) ?? []
      const one = (kind === 'issues' ? issues : mrs)[Number(iid) - 1]
      if (one) return inThing(one, method, more, body)
      const commit = /^\/(?:statuses\/(\w+)|repository\/commits\/(\w+)\/statuses)$/.exec(inside)
      if (commit) return inCommit(commit[1] ?? commit[2]!, method, body)
      const ofPipeline = /^\/pipelines\/1(\/.*)?$/.exec(inside)
      if (ofPipeline) return inPipeline(method, ofPipeline[1] ?? '', query)
      return method === 'GET' ? [200, []] : [404, { message: '404 Not Found' }]
    },
  )
  url = server.url
  thing(issues, 'issues', { title: 'The first one' })
  return {
    ...server,
    mrs,
    issues,
    statuses,
    comments: () => [...notes.values()].flat(),
    fails: () => void (pipeline = { status: 'failed', retried: 0 }),
    unlabels: () => void (issues[0]!['labels'] = []),
    review(iid, text) {
      const one = mrs[iid - 1]!
      noted(one, sam, text)
      noted(one, sam, 'requested changes', { system: true })
    },
    merge(iid) {
      const one = mrs[iid - 1]!
      const [into, from] = [`refs/heads/${one['target_branch']}`, `refs/heads/${one['source_branch']}`]
      const head = git('rev-parse', from)
      const tree = git('merge-tree', '--write-tree', into, from)
      const commit = git('commit-tree', tree, '-p', into, '-p', from, '-m', `Merge branch '${one['source_branch']}'`)
      git('update-ref', into, commit)
      const merged_at = new Date().toISOString()
      Object.assign(one, { state: 'merged', merged_sha: head, merge_commit_sha: commit, merge_user: sam, merged_at })
    },
  }
}
