// GitHub in front of real git: the program of somebody else (emulate) that answers like GitHub keeps no git and makes up its commits. A
// front of ours brings every branch of the repositories into it, shows a pull request at the commit where its branch really is, merges in git
// what is merged there, answers what is asked by GraphQL, which the program has none of, and puts real commits in the place of made-up ones, both ways. Webhooks of the program pass through it and are signed
// again, because the commits in them change.
import { execFileSync } from 'node:child_process'
import { createHmac } from 'node:crypto'
import http from 'node:http'
import type { AddressInfo } from 'node:net'

import { createEmulator } from 'emulate'

import type { Json } from './api.ts'
import type { Place } from './place.ts'

/** Accounts and their tokens; `us` is Viewport's own. */
export const hubTokens = { us: 'token-of-viewport', kim: 'token-of-kim' } as const

export type GithubFront = {
  url: string
  /** The number of an account, as its host and number name it to Viewport. */
  account(login: string): Promise<string>
  /** Throws with the answer when it is no success. Null is the answer without a body. */
  ask(method: string, path: string, body?: unknown, token?: string): Promise<Json>
  /** The program tells this address of everything in the repository, signed with this secret. */
  hook(repo: string, url: string, secret: string): Promise<void>
  /** Repository and event of what was told, in order: `shop check_run`. */
  told: string[]
  close(): Promise<void>
}

/** `folders`: the bare repository behind each `owner/name`. No two of them may begin with the same commit. */
export async function openGithubFront(place: Place, folders: Readonly<Record<string, string>>): Promise<GithubFront> {
  const hub = await createEmulator({
    service: 'github',
    port: 0,
    seed: {
      tokens: {
        [hubTokens.us]: { login: 'viewport-acme', scopes: ['repo'] },
        [hubTokens.kim]: { login: 'kim', scopes: ['repo'] },
      },
      github: {
        users: [{ login: 'viewport-acme' }, { login: 'kim' }],
        orgs: [{ login: 'acme', members: [{ login: 'kim' }, { login: 'viewport-acme' }] }],
        repos: Object.keys(folders).map((full) => ({ owner: 'acme', name: full.split('/')[1]!, auto_init: true })),
      },
    },
  })
  const git = (folder: string, ...words: string[]): string =>
    execFileSync('git', ['--git-dir', folder, '-c', 'user.name=n', '-c', 'user.email=n@example.com', ...words], {
      encoding: 'utf8',
      env: place.env,
    }).trim()
  const plain = async (method: string, path: string, body?: unknown, token: string = hubTokens.us): Promise<Json> => {
    const came = await fetch(hub.url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await came.text()
    if (!came.ok) throw new Error(`${method} ${path}: ${came.status} ${text}`)
    return (text === '' ? null : JSON.parse(text)) as Json
  }
  for (const repo of Object.keys(folders))
    await plain('PUT', `/repos/${repo}/collaborators/viewport-acme`, { permission: 'push' }, hubTokens.kim)

  const real = new Map<string, string>() // made-up commit -> real commit
  const madeUp = new Map<string, string>()
  const known = (made: string, commit: string): void => {
    real.set(made, commit)
    madeUp.set(commit, made)
  }
  const branches = new Map<string, string>() // "acme/shop refs/heads/main" -> real commit
  const begin = new Map<string, string>()
  for (const repo of Object.keys(folders))
    begin.set(repo, (await plain('GET', `/repos/${repo}/git/ref/heads/main`))['object'].sha as string)

  const bring = async (): Promise<void> => {
    for (const [repo, folder] of Object.entries(folders))
      for (const line of git(folder, 'for-each-ref', '--format=%(refname) %(objectname)', 'refs/heads').split('\n')) {
        const [ref = '', commit = ''] = line.split(' ')
        const name = `${repo} ${ref}`
        if (branches.get(name) === commit) continue
        const isFirst = !branches.has(name)
        branches.set(name, commit)
        if (isFirst && ref === 'refs/heads/main') {
          known(begin.get(repo)!, commit)
          continue
        }
        const at = `/repos/${repo}/git`
        if (!madeUp.has(commit)) {
          const tree = await plain('POST', `${at}/trees`, {
            tree: [{ path: 'commit', mode: '100644', type: 'blob', content: commit }],
          })
          const made = { message: commit, tree: tree['sha'], parents: [begin.get(repo)] }
          known((await plain('POST', `${at}/commits`, made))['sha'] as string, commit)
        }
        const sha = madeUp.get(commit)
        await (isFirst
          ? plain('POST', `${at}/refs`, { ref, sha })
          : plain('PATCH', `${at}/${ref}`, { sha, force: true }))
      }
  }
  const swapped = (text: string, by: ReadonlyMap<string, string>): string =>
    text.replace(/\b[0-9a-f]{40}\b/g, (sha) => by.get(sha) ?? sha)
  /** GitHub shows a pull request at the commit of its branch; the program keeps the one it was opened with. */
  const atBranch = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const { head } = value as { head?: { ref?: unknown; sha?: unknown; repo?: { full_name?: unknown } } }
    const commit = head && branches.get(`${String(head.repo?.full_name)} refs/heads/${String(head.ref)}`)
    if (head && commit) head.sha = commit
    for (const inside of Object.values(value)) atBranch(inside)
  }
  const asReal = (text: string): string => {
    const value = JSON.parse(swapped(text, real).replaceAll(hub.url, url)) as unknown
    atBranch(value)
    return JSON.stringify(value)
  }
  /** What was merged there is merged in git, and that commit stands for the one that the program made up. */
  const merge = async (repo: string, number: string): Promise<void> => {
    const pull = await plain('GET', `/repos/${repo}/pulls/${number}`)
    const [folder, into, from] = [folders[repo]!, `refs/heads/${pull['base'].ref}`, `refs/heads/${pull['head'].ref}`]
    const tree = git(folder, 'merge-tree', '--write-tree', into, from)
    const message = `Merge pull request #${number}`
    const commit = git(folder, 'commit-tree', tree, '-p', into, '-p', from, '-m', message)
    git(folder, 'update-ref', into, commit)
    known(pull['merge_commit_sha'] as string, commit)
    branches.set(`${repo} ${into}`, commit)
  }

  const told: string[] = []
  const hooks = new Map<string, { url: string; secret: string }>() // by the path where the program tells us
  const passOn = async (request: http.IncomingMessage, body: string): Promise<number> => {
    const to = hooks.get(request.url!)!
    const sign = (text: string): string => `sha256=${createHmac('sha256', to.secret).update(text).digest('hex')}`
    if (request.headers['x-hub-signature-256'] !== sign(body))
      throw new Error('A webhook of the program is not signed.')
    told.push(`${request.url!.split('/').at(-1)} ${request.headers['x-github-event']}`)
    const text = asReal(body)
    const kept = ['x-github-event', 'x-github-delivery'].map((name) => [name, String(request.headers[name])])
    const headers = { 'content-type': 'application/json', 'x-hub-signature-256': sign(text) }
    return (await fetch(to.url, { method: 'POST', headers: { ...headers, ...Object.fromEntries(kept) }, body: text }))
      .status
  }
  /** The two things that GraphQL is asked: out of draft, by whoever asks, and who edited what. Nobody edits here, and no base is changed. */
  const graphql = async (request: http.IncomingMessage, body: string): Promise<{ status: number; text: string }> => {
    const { query, variables } = JSON.parse(body) as { query: string; variables: { id?: string; ids?: string[] } }
    const given = (data: Json): { status: number; text: string } => ({ status: 200, text: JSON.stringify({ data }) })
    const untouched = { lastEditedAt: null, userContentEdits: { pageInfo: { hasNextPage: false }, nodes: [] } }
    if (query.includes('PullHistory'))
      return given({
        repository: { pullRequest: { timelineItems: { nodes: [] } } },
        nodes: variables.ids!.map((id) => ({ id, ...untouched })),
      })
    if (!query.includes('markPullRequestReadyForReview')) return { status: 404, text: '{"message":"Not Found"}' }
    const token = String(request.headers.authorization).replace(/^(Bearer|token) /i, '')
    for (const repo of Object.keys(folders)) {
      const all = (await plain('GET', `/repos/${repo}/pulls`)) as unknown as Json[]
      const pull = all.find((one) => one['node_id'] === variables.id)
      if (pull) await plain('PATCH', `/repos/${repo}/pulls/${pull['number']}`, { draft: false }, token)
    }
    return given({ markPullRequestReadyForReview: { pullRequest: { isDraft: false } } })
  }
  const answer = async (request: http.IncomingMessage, body: string): Promise<{ status: number; text: string }> => {
    await bring()
    if (request.url === '/graphql') return graphql(request, body)
    const merging = /^\/repos\/([^/]+\/[^/]+)\/pulls\/(\d+)\/merge$/.exec(request.method === 'PUT' ? request.url! : '')
    if (merging) {
      const pull = await plain('GET', `/repos/${merging[1]}/pulls/${merging[2]}`)
      const { sha } = JSON.parse(body) as { sha?: string }
      if (sha !== branches.get(`${merging[1]} refs/heads/${pull['head'].ref}`))
        return { status: 409, text: '{"message":"Head branch was modified. Review and try the merge again."}' }
    }
    const sent = Object.entries(request.headers).filter(([name]) =>
      ['authorization', 'content-type', 'accept'].includes(name),
    )
    const came = await fetch(hub.url + swapped(request.url!, madeUp), {
      method: request.method!,
      headers: Object.fromEntries(sent) as Record<string, string>,
      ...(body === '' ? {} : { body: merging ? '{}' : swapped(body, madeUp) }),
    })
    const text = await came.text()
    if (merging && came.ok) await merge(merging[1]!, merging[2]!)
    return { status: came.status, text: text === '' ? '' : asReal(text) }
  }

  let turn: Promise<unknown> = Promise.resolve()
  let closing = false
  const server = http.createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const body = Buffer.concat(parts).toString('utf8')
      const failed = (error: unknown): void =>
        void response.writeHead(500).end(JSON.stringify({ message: `The front: ${String(error)}` }))
      if (hooks.has(request.url!))
        return void passOn(request, body).then((status) => response.writeHead(status).end(), failed)
      turn = turn
        // What still waited for its turn: whoever asked was ended, and the repositories go next.
        .then(() => (closing ? { status: 503, text: '{"message":"The front is closing."}' } : answer(request, body)))
        .then(({ status, text }) => {
          response.writeHead(status, { 'content-type': 'application/json' })
          response.end(status === 204 ? undefined : text)
        }, failed)
    })
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const ask: GithubFront['ask'] = async (method, path, body, token = hubTokens.us) => {
    const came = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await came.text()
    if (!came.ok) throw new Error(`${method} ${path}: ${came.status} ${text}`)
    return (text === '' ? null : JSON.parse(text)) as Json
  }
  return {
    url,
    ask,
    told,
    account: async (login) => `github:${new URL(url).host}/${(await plain('GET', `/users/${login}`))['id']}`,
    async hook(repo, to, secret) {
      const path = `/told/${repo}`
      hooks.set(path, { url: to, secret })
      const config = { url: url + path, content_type: 'json', secret }
      await plain('POST', `/repos/${repo}/hooks`, { config, events: ['*'], active: true }, hubTokens.kim)
    },
    async close() {
      closing = true
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
      await turn
      await hub.close()
    },
  }
}
