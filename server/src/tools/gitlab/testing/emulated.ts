/**
 * GitLab as the tests of this folder meet it. It is our own, written after GitLab's public documentation, for want of a program of
 * somebody else: it shows that both sides of us fit, and nothing about GitLab itself.
 */
import { createHmac } from 'node:crypto'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll } from 'vitest'

// eslint-disable-next-line typescript/no-explicit-any -- tests look into answers freely
type Loose = any
export const tokens = { us: 'token-of-viewport', sam: 'token-of-sam', stranger: 'token-of-a-stranger' } as const
type Who = keyof typeof tokens | 'bot'
const people: Record<Who, Loose> = {
  us: { id: 1, username: 'viewport', name: 'Viewport', bot: true },
  sam: { id: 2, username: 'sam', name: 'Sam', bot: false },
  stranger: { id: 3, username: 'stranger', name: 'Stranger', bot: false },
  bot: { id: 4, username: 'project_15_bot_1f7a', name: 'a token', bot: true },
}
/** Of access to projects, by the number of the account; a test may take one away. */
export const levels: Record<number, number> = { 1: 30, 2: 40, 4: 30 }
const short = ({ id, username, name }: Loose): Loose => ({ id, username, name })

/** acme/shop (15) and acme/tools/other (16). `signing`: webhooks are signed, else they say the secret. Ended after the tests of the file. */
export const emulatedGitLab = async ({ signing = true } = {}) => {
  const projects: Loose[] = [
    { id: 15, path_with_namespace: 'acme/shop' },
    { id: 16, path_with_namespace: 'acme/tools/other' },
  ].map((one) => ({
    ...one,
    web_url: `https://gitlab.acme.dev/${one.path_with_namespace}`,
    permissions: { project_access: { access_level: one.id === 15 ? 30 : 10 }, group_access: null },
    issues: [],
    merge_requests: [],
    pipelines: [],
    branches: new Map<string, string>(),
    statuses: [],
    commits: [],
  }))
  const shop = projects[0]!
  const hooks: { url: string; secret: string }[] = []
  const asked: string[] = []
  const slow = { heads: 0 }
  let serial = 100
  const now = (): string => new Date().toISOString()

  const deliver = async (payload: Loose, project: Loose): Promise<void> => {
    const body = JSON.stringify({ project: whereOf(project), ...payload })
    for (const { url, secret } of hooks) {
      const id = `hook-${++serial}`
      const at = String(Math.floor(Date.now() / 1_000))
      const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
      const signature = createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64')
      await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'idempotency-key': id,
          ...(signing
            ? { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': `v1,${signature}` }
            : { 'x-gitlab-token': secret }),
        },
        body,
      })
    }
  }
  const whereOf = ({ id, path_with_namespace: path, web_url: url }: Loose): Loose => ({
    id,
    path_with_namespace: path,
    web_url: url,
  })
  const kindOf = (thing: Loose): string => ('source_branch' in thing ? 'merge_request' : 'issue')
  /** A webhook tells people by numbers, times in words, and labels as objects. */
  const attributesOf = (thing: Loose, action: string): Loose => ({
    ...inHook(thing),
    action,
    state: thing.state,
  })
  const inHook = (thing: Loose): Loose => ({
    id: thing.id,
    iid: thing.iid,
    title: thing.title,
    description: thing.description,
    author_id: thing.author.id,
    created_at: thing.created_at.replace('T', ' ').replace(/\.\d+Z/, ' UTC'),
    updated_at: thing.updated_at.replace('T', ' ').replace(/\.\d+Z/, ' UTC'),
    labels: thing.labels.map((title: string) => ({ title })),
    url: thing.web_url,
    state: thing.state,
    ...(kindOf(thing) === 'merge_request'
      ? {
          source_branch: thing.source_branch,
          target_branch: thing.target_branch,
          source_project_id: thing.source_project_id,
          target_project_id: thing.target_project_id,
          draft: thing.draft,
          last_commit: { id: thing.sha },
        }
      : { confidential: thing.confidential }),
  })
  const tell = (project: Loose, thing: Loose, by: Who, action: string, more: Loose = {}): Promise<void> =>
    deliver(
      {
        object_kind: kindOf(thing),
        user: short(people[by]),
        object_attributes: { ...attributesOf(thing, action), ...more.attributes },
        labels: thing.labels.map((title: string) => ({ title })),
        assignees: thing.assignees.map(short),
        changes: more.changes ?? {},
      },
      project,
    )
  /** `ago`: milliseconds before now. */
  const note = (thing: Loose, by: Who, body: string, system: boolean, { ago = 0, ...more }: Loose = {}): Loose => {
    const at = new Date(Date.now() - ago).toISOString()
    const made = { id: ++serial, body, author: short(people[by]), created_at: at, updated_at: at, system, ...more }
    thing.notes.push(made)
    thing.updated_at = now()
    return made
  }
  const moveTo = (one: Loose, sha: string): void => {
    one.sha = sha
    one.updated_at = now()
    one.versions.push({ id: ++serial, head_commit_sha: sha, created_at: one.updated_at })
  }
  const thing = (project: Loose, kind: 'issues' | 'merge_requests', by: Who, more: Loose): Loose => {
    const iid = project[kind].length + 1
    const at = now()
    const made = {
      id: ++serial,
      iid,
      title: 'Charged twice',
      description: 'One cent too much.',
      state: 'opened',
      labels: [],
      assignees: [],
      milestone: null,
      confidential: false,
      web_url: `${project.web_url}/-/${kind}/${iid}`,
      created_at: at,
      updated_at: at,
      ...more,
      author: short(people[by]),
      notes: [],
      label_events: [],
      state_events: [],
      versions: [],
      approved_by: [],
    }
    project[kind].push(made)
    // What it begins with stands in its lists of events as well.
    for (const name of made.labels)
      made.label_events.push({ id: ++serial, user: made.author, created_at: at, label: { name }, action: 'add' })
    for (const { username } of kind === 'issues' ? made.assignees : []) note(made, by, `assigned to @${username}`, true)
    return made
  }
  const tellNote = (one: Loose, { id, body, created_at: at }: Loose, by: Who, project: Loose): Promise<void> =>
    deliver(
      {
        object_kind: 'note',
        user: short(people[by]),
        object_attributes: { id, note: body, created_at: at, action: 'create', system: false },
        [kindOf(one)]: inHook(one),
      },
      project,
    )
  const commitId = (): string => (++serial).toString(16).padStart(40, '0')
  const commit = (project: Loose, id: string, message: string): void =>
    void project.commits.unshift({ id, message, web_url: `${project.web_url}/-/commit/${id}` })
  const setLabels = (one: Loose, labels: string[], by: Who): void => {
    one.updated_at = now()
    for (const name of labels.filter((label) => !one.labels.includes(label)))
      one.label_events.push({
        id: ++serial,
        user: short(people[by]),
        created_at: one.updated_at,
        label: { name },
        action: 'add',
      })
    one.labels = labels
  }
  const api = {
    async issue(more: Loose = {}, by: Who = 'sam', project = shop): Promise<Loose> {
      const made = thing(project, 'issues', by, more)
      await tell(project, made, by, 'open')
      return made
    },
    async mr(more: Loose = {}, by: Who = 'sam', project = shop): Promise<Loose> {
      const made = thing(project, 'merge_requests', by, {
        source_branch: 'topic',
        target_branch: 'main',
        source_project_id: project.id,
        target_project_id: project.id,
        draft: String(more.title ?? '').startsWith('Draft: '),
        sha: '1f7a7a4722a4d3a1b1f7a7a4722a4d3a1b1f7a7a',
        ...more,
      })
      made.versions.push({ id: ++serial, head_commit_sha: made.sha, created_at: made.created_at })
      await tell(project, made, by, 'open')
      return made
    },
    async label(one: Loose, name: string, by: Who = 'sam', project = shop): Promise<void> {
      const had = one.labels
      setLabels(one, [...had, name], by)
      const objects = (names: string[]): Loose[] => names.map((title) => ({ title }))
      await tell(project, one, by, 'update', {
        changes: { labels: { previous: objects(had), current: objects(one.labels) } },
      })
    },
    async assign(one: Loose, to: Who, by: Who = 'sam', project = shop): Promise<void> {
      const had = one.assignees
      one.assignees = [...had, short(people[to])]
      note(one, by, `assigned to @${people[to].username}`, true)
      await tell(project, one, by, 'update', { changes: { assignees: { previous: had, current: one.assignees } } })
    },
    async close(one: Loose, by: Who = 'sam', merged = false, project = shop): Promise<void> {
      one.state = merged ? 'merged' : 'closed'
      one.updated_at = now()
      one.state_events.push({
        id: ++serial,
        user: short(people[by]),
        created_at: one.updated_at,
        state: one.state,
      })
      if (merged) {
        Object.assign(one, { merge_commit_sha: commitId(), merge_user: short(people[by]), merged_at: one.updated_at })
        commit(project, one.merge_commit_sha, `Merge branch '${one.source_branch}' into '${one.target_branch}'`)
      } else one.closed_by = short(people[by])
      await tell(project, one, by, merged ? 'merge' : 'close')
    },
    async reopen(one: Loose, by: Who = 'sam', project = shop): Promise<void> {
      one.state = 'opened'
      one.updated_at = now()
      one.state_events.push({ id: ++serial, user: short(people[by]), created_at: one.updated_at, state: 'reopened' })
      await tell(project, one, by, 'reopen')
    },
    /** Somebody takes a merge request out of draft. */
    async ready(one: Loose, by: Who = 'sam', project = shop): Promise<void> {
      one.draft = false
      note(one, by, 'marked this merge request as **ready**', true)
      await tell(project, one, by, 'update', { changes: { draft: { previous: true, current: false } } })
    },
    /** Somebody takes a merge back, in GitLab's own words. */
    async revert(one: Loose, by: Who = 'sam', project = shop): Promise<string> {
      const id = commitId()
      commit(project, id, `Revert "${one.title}"\n\nThis reverts merge request !${one.iid}`)
      const user = people[by]
      const ref = `refs/heads/${one.target_branch}`
      await deliver({ object_kind: 'push', ref, after: id, user_id: user.id, user_username: user.username }, project)
      return id
    },
    async approve(one: Loose, by: Who = 'sam', ago = 0, project = shop): Promise<void> {
      note(one, by, 'approved this merge request', true, { ago })
      one.approved_by = [...one.approved_by, { user: short(people[by]) }]
      await tell(project, one, by, 'approved')
    },
    async unapprove(one: Loose, by: Who = 'sam', project = shop): Promise<void> {
      note(one, by, 'unapproved this merge request', true)
      one.approved_by = one.approved_by.filter(({ user }: Loose) => user.id !== people[by].id)
      await tell(project, one, by, 'unapproved')
    },
    /** As a reviewer does with *Submit review*: threads on lines, a summary, and perhaps a request for changes. */
    async review(
      one: Loose,
      { lines = [], summary, request = false, ago = 0 }: Loose,
      by: Who = 'sam',
      project = shop,
    ): Promise<Loose[]> {
      const made = lines.map(({ path, line, text }: Loose) =>
        note(one, by, text, false, {
          ago,
          type: 'DiffNote',
          resolvable: true,
          resolved: false,
          position: { head_sha: one.sha, new_path: path, old_path: path, new_line: line, old_line: null },
        }),
      )
      if (summary !== undefined) made.push(note(one, by, summary, false, { ago, resolvable: false }))
      if (request) note(one, by, 'requested changes', true, { ago })
      for (const said of made) await tellNote(one, said, by, project)
      return made
    },
    async push(one: Loose, sha: string, by: Who = 'sam', project = shop): Promise<void> {
      const oldrev = one.sha
      moveTo(one, sha)
      await tell(project, one, by, 'update', { attributes: { oldrev } })
    },
    async edit(one: Loose, description: string, by: Who = 'sam'): Promise<void> {
      one.description = description
      note(one, by, 'changed the description', true)
    },
    async comment(one: Loose, body: string, by: Who = 'sam', project = shop): Promise<Loose> {
      const made = note(one, by, body, false)
      await tellNote(one, made, by, project)
      return made
    },
    async pipeline(more: Loose = {}, by: Who = 'sam', project = shop): Promise<Loose> {
      const at = now()
      const made = {
        id: ++serial,
        ref: 'main',
        sha: '1f7a7a4722a4d3a1b1f7a7a4722a4d3a1b1f7a7a',
        source: 'push',
        status: 'failed',
        created_at: at,
        finished_at: at,
        updated_at: at,
        web_url: `${project.web_url}/-/pipelines/${serial}`,
        user: short(people[by]),
        ...more,
        jobs: (more.jobs ?? [{ name: 'unit', status: 'failed' }]).map((job: Loose) => ({
          id: ++serial,
          stage: 'test',
          allow_failure: false,
          web_url: `${project.web_url}/-/jobs/${serial}`,
          failure_reason: job.status === 'failed' ? 'script_failure' : null,
          ...job,
        })),
        report: more.report ?? { test_suites: [] },
        retried: 0,
      }
      project.pipelines.push(made)
      const { jobs, web_url: url, user, retried: _, report: __, ...attributes } = made
      await deliver({ object_kind: 'pipeline', user, object_attributes: { ...attributes, url }, builds: jobs }, project)
      return made
    },
  }

  const shown = (one: Loose): Loose => {
    const { notes: _n, label_events: _l, state_events: _s, versions: _v, approved_by: _a, ...rest } = one
    return rest
  }
  const answer = async (method: string, url: URL, body: Loose, by: Who): Promise<[number, Loose, Loose?]> => {
    const path = url.pathname.replace('/api/v4', '')
    const q = (name: string): string | null => url.searchParams.get(name)
    if (path === '/user') return [200, people[by]]
    if (path === '/personal_access_tokens/self') return [200, { scopes: ['api'] }]
    const user = /^\/users\/(\d+)$/.exec(path)?.[1]
    if (user) {
      const found = Object.values(people).find((one) => one.id === Number(user))
      return found ? [200, found] : [404, { message: '404 User Not Found' }]
    }
    if (path === '/projects') return paged(projects.map(whereOf), q)
    const [, ref = '', rest = ''] = /^\/projects\/([^/]+)(\/.*)?$/.exec(path) ?? []
    const project = projects.find(
      (one) => String(one.id) === ref || one.path_with_namespace === decodeURIComponent(ref),
    )
    if (!project) return [404, { message: '404 Project Not Found' }]
    if (rest === '') return [200, { ...whereOf(project), permissions: project.permissions }]
    const member = /^\/members\/all\/(\d+)$/.exec(rest)?.[1]
    if (member)
      return levels[Number(member)]
        ? [200, { id: Number(member), access_level: levels[Number(member)], state: 'active' }]
        : [404, { message: '404 Not found' }]
    const branch = /^\/repository\/branches\/(.+)$/.exec(rest)?.[1]
    if (branch) {
      const id = project.branches.get(decodeURIComponent(branch))
      return id ? [200, { name: branch, commit: { id } }] : [404, { message: '404 Branch Not Found' }]
    }
    const status = /^\/statuses\/(\w+)$/.exec(rest)?.[1]
    if (status) {
      const made = { id: ++serial, sha: status, status: body.state, author: short(people[by]), ...body }
      project.statuses.push(made)
      return [201, made]
    }
    const statuses = /^\/repository\/commits\/(\w+)\/statuses$/.exec(rest)?.[1]
    if (statuses) {
      // Those of children are not among them.
      const builds = project.pipelines
        .filter(({ source }: Loose) => source !== 'parent_pipeline')
        .flatMap(({ id, sha, ref, jobs }: Loose) =>
          jobs.map((job: Loose) => ({ ...job, sha, ref, pipeline_id: id, target_url: job.web_url })),
        )
      const found = [...builds, ...project.statuses].filter(
        (one: Loose) => one.sha === statuses && (q('name') === null || one.name === q('name')),
      )
      return paged(found, q)
    }
    if (rest === '/repository/commits') return paged(project.commits, q)
    const made = /^\/repository\/commits\/(\w+)$/.exec(rest)?.[1]
    if (made) {
      const parents = project.pipelines.find((one: Loose) => one.sha === made)?.parents
      return parents ? [200, { id: made, parent_ids: parents }] : [404, { message: '404 Commit Not Found' }]
    }
    const pipeline = /^\/pipelines\/(\d+)(\/jobs|\/retry|\/test_report|\/bridges)?$/.exec(rest)
    if (pipeline) {
      const one = project.pipelines.find((held: Loose) => held.id === Number(pipeline[1]))
      if (!one) return [404, { message: '404 Not found' }]
      if (pipeline[2] === '/test_report') return [200, one.report]
      if (pipeline[2] === '/bridges') return [200, one.bridges ?? []]
      const scopes = url.searchParams.getAll('scope[]')
      if (pipeline[2] === '/jobs' && scopes.length > 0)
        return [200, one.jobs.filter((job: Loose) => scopes.includes(job.status))]
      if (pipeline[2] === '/jobs')
        return [
          200,
          q('include_retried') ? [...one.jobs, ...Array.from({ length: one.retried }, () => ({}))] : one.jobs,
        ]
      if (pipeline[2] === '/retry') Object.assign(one, { status: 'running', retried: one.retried + 1 })
      return [pipeline[2] === '/retry' ? 201 : 200, one]
    }
    const [, kind, number, more = ''] = /^\/(issues|merge_requests|pipelines)(?:\/(\d+))?(\/.*)?$/.exec(rest) ?? []
    if (!kind) return [404, { error: '404 Not Found' }]
    const all = project[kind] as Loose[]
    if (!number && method === 'GET') {
      const found = all
        .filter(
          (one) =>
            (!q('updated_after') || one.updated_at >= q('updated_after')!) &&
            (q('scope') !== 'created_by_me' || one.author.id === people[by].id) &&
            (!q('source_branch') || one.source_branch === q('source_branch')) &&
            (!q('target_branch') || one.target_branch === q('target_branch')) &&
            (q('status') === null || one.status === q('status')),
        )
        .toSorted((a, b) => (a.updated_at < b.updated_at ? -1 : 1))
      return paged(q('sort') === 'desc' ? found.toReversed() : found, q)
    }
    if (!number) {
      if (kind === 'issues') return [201, shown(await api.issue({ ...body, labels: named(body.labels) }, by, project))]
      if (all.some((one) => one.source_branch === body.source_branch && one.state === 'opened'))
        return [409, { message: ['Another open merge request already exists for this source branch: !1'] }]
      const sha = project.branches.get(body.source_branch)
      return [201, shown(await api.mr({ ...body, labels: named(body.labels), sha }, by, project))]
    }
    const one = all.find((held) => held.iid === Number(number))
    if (!one) return [404, { message: '404 Not found' }]
    if (more === '' && method === 'PUT') {
      const { add_labels: add, remove_labels: remove, state_event: event, ...words } = body
      if (add || remove)
        setLabels(
          one,
          [...new Set([...one.labels, ...named(add)])].filter((name) => !named(remove).includes(name)),
          by,
        )
      Object.assign(one, words, { updated_at: now() }, event === 'close' ? { state: 'closed' } : {})
      if (kind === 'merge_requests') one.draft = one.title.startsWith('Draft: ')
    }
    if (more === '') return [200, shown(one)]
    if (more === '/diffs') return [200, [{ new_path: 'src/price.js' }]]
    if (more === '/notes' && method === 'POST') return [201, await api.comment(one, body.body, by, project)]
    if (more === '/notes') {
      const only = q('activity_filter') === 'only_activity'
      return paged(one.notes.filter((held: Loose) => !only || held.system).toReversed(), q)
    }
    const said = /^\/notes\/(\d+)$/.exec(more)?.[1]
    if (said) {
      const held = one.notes.find((note: Loose) => note.id === Number(said))
      if (held && method === 'PUT') Object.assign(held, { body: body.body, updated_at: now() })
      return held ? [200, held] : [404, { message: '404 Not found' }]
    }
    if (more === '/pipelines')
      return [
        200,
        project.pipelines
          .filter(({ sha, ref }: Loose) => sha === one.sha || String(ref).startsWith(`refs/merge-requests/${one.iid}/`))
          .filter(({ source }: Loose) => source !== 'parent_pipeline')
          .toReversed(),
      ]
    if (more === '/approvals') return [200, { approved_by: one.approved_by }]
    if (more === '/resource_label_events') return paged(one.label_events, q)
    if (more === '/resource_state_events') return paged(one.state_events, q)
    if (more === '/versions') return paged(one.versions.toReversed(), q)
    return [404, { error: '404 Not Found' }]
  }
  const named = (text: string | undefined): string[] => (text ?? '').split(',').filter((one) => one !== '')
  const paged = (all: Loose[], q: (name: string) => string | null): [number, Loose, Loose] => {
    const [page, size] = [Number(q('page') ?? 1), Number(q('per_page') ?? 20)]
    const next = page * size < all.length ? String(page + 1) : ''
    return [
      200,
      all.slice((page - 1) * size, page * size).map(shown),
      { 'x-next-page': next, 'x-total-pages': String(Math.max(1, Math.ceil(all.length / size))) },
    ]
  }

  const server = http.createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', async () => {
      asked.push(`${request.method} ${request.url}`)
      const by = (Object.keys(tokens) as (keyof typeof tokens)[]).find(
        (one) => tokens[one] === request.headers['private-token'],
      )
      const text = Buffer.concat(parts).toString('utf8')
      const [status, body, headers] = by
        ? await answer(request.method!, new URL(request.url!, 'http://x'), text === '' ? {} : JSON.parse(text), by)
        : ([401, { message: '401 Unauthorized' }] as [number, Loose, Loose?])
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
    })
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  afterAll(async () => {
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
  })
  return {
    ...api,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    people,
    shop,
    other: projects[1]!,
    asked,
    hook: (url: string, secret: string) => void hooks.push({ url, secret }),
    /** How long (ms) after a push a merge request shows it. */
    slow,
    /** A branch of acme/shop at this commit; what is open from it shows it. */
    branch: (name: string, sha: string): void => {
      shop.branches.set(name, sha)
      for (const one of shop.merge_requests)
        if (one.source_branch === name && one.state === 'opened') setTimeout(() => moveTo(one, sha), slow.heads)
    },
  }
}
