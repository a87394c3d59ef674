/** What do pushes, releases and security alerts of GitHub say? */
import { z } from 'zod'
import { pathsField } from '../paths-field.ts'
import type { Reading } from '../port.ts'
import { shortName } from '../short-name.ts'
import type { Reader } from './again-form.ts'
import { Repository, User, type Repository as Repo } from '@viewportai/core/tools/github/payload'
import { instant } from '@viewportai/core/tools/github/instant'
import { fieldText, somebody } from './said.ts'

const text = z.string().nullish()
const Common = z.object({ action: text, repository: Repository, sender: User.nullish() })

const Push = Common.extend({
  /** A webhook tells seconds, an answer of the API the time in words. */
  repository: Repository.extend({ pushed_at: z.union([z.number(), z.string()]).nullish() }),
  ref: z.string(),
  before: z.string(),
  after: z.string(),
  deleted: z.boolean().nullish(),
  forced: z.boolean().nullish(),
  compare: text,
  /** Of a push that was found by asking: do its commits name every file? A webhook does not say. */
  files_known: z.boolean().nullish(),
  commits: z
    .array(
      z.object({
        id: z.string(),
        message: text,
        timestamp: text,
        author: z.object({ name: text, username: text }).nullish(),
        added: z.array(z.string()).nullish(),
        modified: z.array(z.string()).nullish(),
        removed: z.array(z.string()).nullish(),
      }),
    )
    .nullish(),
})
const Release = Common.extend({
  release: z.object({
    id: z.number(),
    tag_name: z.string(),
    name: text,
    body: text,
    prerelease: z.boolean().nullish(),
    published_at: text,
    html_url: text,
    author: User.nullish(),
  }),
})
const Alert = Common.extend({
  alert: z.object({
    number: z.number().nullish(),
    id: z.number().nullish(),
    created_at: text,
    html_url: text,
    severity: text,
    affected_package_name: text,
    external_identifier: text,
    dependency: z.object({ package: z.object({ name: text }).nullish() }).nullish(),
    security_advisory: z.object({ ghsa_id: text, summary: text, description: text, severity: text }).nullish(),
    rule: z.object({ id: text, description: text, severity: text, security_severity_level: text }).nullish(),
    secret_type_display_name: text,
    secret_type: text,
  }),
})

export const readCode: Reader = (payload, kind): Reading =>
  kind === 'push' ? push(payload) : kind === 'release' ? release(payload) : alert(payload, kind)

/** A webhook holds no more commits of a push than this: https://docs.github.com/en/webhooks/webhook-events-and-payloads#push */
const commitsAtMost = 2_048

const push = (payload: unknown): Reading => {
  const told = Push.parse(payload)
  const { repository, sender, ref, after, before, deleted, forced, commits, compare } = told
  if (deleted || !ref.startsWith('refs/heads/'))
    return {
      ignored: `${ref.slice(0, 200)} was ${deleted ? 'deleted' : 'pushed'}; only pushes to branches are events.`,
    }
  const branch = ref.slice('refs/heads/'.length)
  const last = commits?.at(-1)
  const { pushed_at } = repository
  // GitHub makes the account of a commit's author from the e-mail in it, which anybody can write: also who pushed it is no proof.
  const writers = new Set((commits ?? []).map(({ author }) => author?.username ?? author?.name ?? 'somebody'))
  return {
    said: {
      event: 'push',
      id: shortName(`push:${repository.id}:${after}:${before.slice(0, 12)}:${branch}`, 180),
      // Commits may be much older than the push that brings them.
      at: typeof pushed_at === 'number' ? pushed_at * 1_000 : instant(pushed_at ?? null),
      actor: somebody(sender ?? null, null),
      authors: [...writers].slice(0, 20).map((name) => ({ id: 'author', name, standing: 'unknown' })),
      subject: {
        label: `${repository.full_name}@${after.slice(0, 7)}`,
        title: (last?.message ?? `Push to ${branch}`).split('\n', 1)[0]!,
        url: compare ?? null,
        ref: `${repository.full_name}@${after}`,
      },
      fields: {
        repo: repository.full_name,
        branch,
        forced: forced ?? false,
        paths: pathsField(
          (commits ?? []).flatMap((one) => [...(one.added ?? []), ...(one.modified ?? []), ...(one.removed ?? [])]),
          (commits?.length ?? commitsAtMost) < commitsAtMost && told.files_known !== false,
        ),
      },
      text: (commits ?? []).map((one) => one.message ?? '').join('\n\n'),
    },
  }
}

const release = (payload: unknown): Reading => {
  const { action, repository, sender, release: one } = Release.parse(payload)
  if (action !== 'published')
    return { ignored: `A release that is ${action ?? 'not there'} is no event; published is.` }
  return {
    said: {
      event: 'release_published',
      id: `release_published:${repository.id}:${one.id}`,
      at: instant(one.published_at ?? null),
      actor: somebody(sender ?? null, null),
      authors: one.author ? [somebody(one.author, null)] : [],
      subject: {
        label: `${repository.full_name} ${one.tag_name}`,
        title: one.name || one.tag_name,
        url: one.html_url ?? null,
        ref: `${repository.full_name}@${one.tag_name}`,
      },
      fields: { repo: repository.full_name, tag: fieldText(one.tag_name), prerelease: one.prerelease ?? false },
      text: one.body ?? '',
    },
  }
}

const alert = (payload: unknown, kind: string): Reading => {
  const { action, repository, sender, alert: one } = Alert.parse(payload)
  if (action !== 'created' && action !== 'create')
    return { ignored: `An alert that is ${action ?? 'not there'} is no event; created is.` }
  return { said: alertSaid(repository, sender ?? null, one, kind.replace(/_alert$/, '')) }
}

const alertSaid = (
  repository: Repo,
  user: z.infer<typeof User> | null,
  one: z.infer<typeof Alert>['alert'],
  kind: string,
) => {
  const { security_advisory: advisory, rule } = one
  const title =
    advisory?.summary ??
    rule?.description ??
    one.secret_type_display_name ??
    one.secret_type ??
    one.external_identifier ??
    kind
  const number = one.number ?? one.id ?? 0
  return {
    event: 'alert_created',
    id: `alert_created:${repository.id}:${kind}:${number}`,
    at: instant(one.created_at ?? null),
    actor: somebody(user, null),
    authors: [{ id: 'advisory', name: 'whoever described it', standing: 'unknown' as const }],
    subject: {
      label: `${repository.full_name} alert ${number}`,
      title,
      url: one.html_url ?? null,
      ref: `${repository.full_name} alert ${number}`,
    },
    fields: {
      repo: repository.full_name,
      alert: kind,
      severity: advisory?.severity ?? rule?.security_severity_level ?? rule?.severity ?? one.severity ?? null,
      package: one.dependency?.package?.name ?? one.affected_package_name ?? null,
    },
    text: advisory?.description ?? title,
  }
}
