/** Which workflows are there, in which versions, and are they ready? */
import type { z } from 'zod'
import type {
  SummarySection,
  WorkflowError as ApiError,
  WorkflowItem,
  WorkflowView,
} from '@viewportai/core/api/workflows'
import { refuse, type Refusal } from '@viewportai/core/refusal'
import type { Compiled } from '@viewportai/core/workflow/compiled'
import type { WorkflowError } from '@viewportai/core/workflow/mistake'
import { summarize, type Summary, type Switched } from '@viewportai/core/workflow/summary'
import type { Tx } from '../database/tenant.ts'
import { readiness } from './readiness.ts'
import { readWorld, type World } from './world.ts'

type Item = z.infer<typeof WorkflowItem>
export type StoredVersion = {
  workflow: string
  name: string
  version: number
  current: number
  digest: string
  enabled: boolean
  team: string | null
  source: string
  compiled: Compiled
}

const versions = `select w.workflow, w.name, v.version, w.version as current, v.digest, w.enabled, w.team, v.source, v.compiled from vp.workflows w
  join vp.workflow_versions v on v.workspace = w.workspace and v.workflow = w.workflow`

/** One version of a workflow (the current one when none is named) by name, or null. */
export const versionOf = async (tx: Tx, name: string, version: number | null = null): Promise<StoredVersion | null> =>
  (
    await tx.query<StoredVersion>(
      {
        name: 'workflow version',
        text: `${versions} and v.version = coalesce($3, w.version) where w.workspace = $1 and w.name = $2`,
      },
      [tx.workspace, name, version],
    )
  ).rows[0] ?? null

/** The current version of a workflow by its id, or null. */
export const versionById = async (tx: Tx, workflow: string): Promise<StoredVersion | null> =>
  (
    await tx.query<StoredVersion>(
      {
        name: 'workflow by id',
        text: `${versions} and v.version = w.version where w.workspace = $1 and w.workflow = $2`,
      },
      [tx.workspace, workflow],
    )
  ).rows[0] ?? null

/** The current version of every workflow, by name. `enabled`: of those alone. */
export const currentVersions = async (tx: Tx, enabled = false): Promise<StoredVersion[]> =>
  (
    await tx.query<StoredVersion>(
      {
        name: 'workflow versions',
        text: `${versions} and v.version = w.version where w.workspace = $1 and (w.enabled or not $2) order by w.name`,
      },
      [tx.workspace, enabled],
    )
  ).rows

type Ran = { readonly runs: number; readonly last: number }

/** How often these have run and when last, by id; one that never ran is not in it. */
const ranOf = async (tx: Tx, all: readonly StoredVersion[]): Promise<ReadonlyMap<string, Ran>> => {
  const { rows } = await tx.query<Ran & { workflow: string }>(
    {
      name: 'workflow runs',
      text: 'select workflow, count(*) as runs, max(started_at) as last from vp.runs where workspace = $1 and workflow = any($2::text[]) group by workflow',
    },
    [tx.workspace, all.map((one) => one.workflow)],
  )
  return new Map(rows.map((row) => [row.workflow, row]))
}

/** How workflows stand in the list. */
export const itemsOf = async (tx: Tx, all: readonly StoredVersion[], world: World): Promise<Item[]> => {
  const ran = await ranOf(tx, all)
  return all.map((one) => itemFrom(one, readiness(one.compiled, world).missing, ran.get(one.workflow)))
}

const itemFrom = (stored: StoredVersion, missing: Item['missing'], ran: Ran | undefined): Item => ({
  id: stored.workflow,
  name: stored.name,
  version: stored.version,
  digest: stored.digest,
  enabled: stored.enabled,
  ready: missing.length === 0,
  missing,
  team: stored.compiled.team,
  triggers: stored.compiled.triggers.map(({ tool, event }) => `${tool}.${event}`),
  runs: ran?.runs ?? 0,
  lastRunAt: ran?.last ?? null,
})

/** The page of a workflow. */
export const readWorkflow = async (
  tx: Tx,
  name: string,
  version: number | null,
): Promise<z.infer<typeof WorkflowView> | Refusal> => {
  const stored = await versionOf(tx, name, version)
  if (!stored) return refuse('not_found', { what: version === null ? 'workflow' : `version ${version} of`, id: name })
  const world = await readWorld(tx)
  const { missing, resolved } = readiness(stored.compiled, world)
  const ran = await ranOf(tx, [stored])
  const { rows } = await tx.query<{
    version: number
    digest: string
    savedBy: string
    savedAt: number
    note: string | null
  }>(
    `select v.version, v.digest, coalesce('@' || p.handle, v.saved_by) as "savedBy", v.saved_at as "savedAt", v.note from vp.workflow_versions v left join vp.people p on p.workspace = v.workspace and p.person = v.saved_by where v.workspace = $1 and v.workflow = $2 order by v.version desc limit 200`,
    [tx.workspace, stored.workflow],
  )
  return {
    ...itemFrom(stored, missing, ran.get(stored.workflow)),
    source: stored.source,
    compiled: stored.compiled,
    summary: sectionsOf(summarize(stored.compiled, switchedOn(world))),
    resolved,
    versions: rows,
  }
}

/** What the summary says of the workspace beside the workflow. */
export const switchedOn = ({ repositories }: World): Switched => ({
  agentSettings: repositories
    .filter((one) => one.agentSettings === 'base')
    .map(({ name, defaultBranch }) => ({ name, branch: defaultBranch })),
})

/** The sentences of a workflow as the API tells them. */
export const sectionsOf = (summary: Summary): z.infer<typeof SummarySection>[] =>
  summary.map(({ title, lines }) => ({
    title,
    lines: lines.map((line) => ({ text: line.text, isDefault: line.default })),
  }))

/** A mistake in a file as the API tells it. */
export const errorOf = ({
  code: _code,
  offset,
  endOffset,
  path,
  ...rest
}: WorkflowError): z.infer<typeof ApiError> => ({
  ...rest,
  from: offset,
  to: endOffset,
  path: path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .replace(/^\./, ''),
})
