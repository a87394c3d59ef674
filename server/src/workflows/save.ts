/**
 * How does a workflow get a new version, and when may it start work?
 * A version never changes once it is saved. What is enabled is ready: a version that lacks something is not put in force.
 */
import { dropWaiting } from '../deliveries/left-queue.ts'
import { planSchedules } from '../schedule/plan.ts'
import { refuse, type Refusal } from '@viewportai/core/refusal'
import type { Actor } from '@viewportai/core/run/facts'
import { compileWorkflow } from '@viewportai/core/workflow/compile'
import type { Tx } from '../database/tenant.ts'
import { freshId } from '../fresh-id.ts'
import { record } from '../ledger/pending.ts'
import { errorOf, versionOf, type StoredVersion } from './read.ts'
import { missingWords, readiness } from './readiness.ts'
import { readWorld } from './world.ts'

type NewVersion = {
  readonly source: string
  readonly note: string | null
  readonly expectVersion: number | null
}

/** Saves the text as the next version of the workflow it names. The same text again is the same version. */
export const saveWorkflow = async (
  tx: Tx,
  by: Actor,
  { source, note, expectVersion }: NewVersion,
): Promise<StoredVersion | Refusal> => {
  const result = compileWorkflow(source)
  if (!result.ok) {
    const [first] = result.errors
    const more = result.errors.length > 1 ? ` (and ${result.errors.length - 1} more)` : ''
    return refuse('invalid', {
      where: `line ${first!.line}, column ${first!.column}`,
      why: `${first!.message}${more}`,
      mistakes: result.errors.map(errorOf),
    })
  }
  const { compiled, digest } = result
  const held = await holdWorkflow(tx, compiled.name)
  const current = held?.version ?? 0
  if (expectVersion !== null && expectVersion !== current)
    return refuse('version_moved', { workflow: compiled.name, expected: expectVersion, found: current })
  const before = await versionOf(tx, compiled.name)
  if (before?.source === source) return before
  if (held?.enabled) {
    const { missing } = readiness(compiled, await readWorld(tx))
    if (missing.length > 0)
      return refuse('not_ready', { workflow: compiled.name, missing: missingWords(missing), list: missing })
  }
  const workflow = held?.workflow ?? freshId('wf')
  const version = current + 1
  // Two first versions at once: the second waits here, finds the name taken, and is told so.
  const made = held
    ? true
    : (
        await tx.query(
          'insert into vp.workflows (workspace, workflow, name, team) values ($1, $2, $3, $4) on conflict (workspace, name) do nothing',
          [tx.workspace, workflow, compiled.name, compiled.team],
        )
      ).rowCount === 1
  if (!made) return refuse('version_moved', { workflow: compiled.name, expected: 0, found: 1 })
  await tx.query(
    'insert into vp.workflow_versions (workspace, workflow, version, digest, source, compiled, note, saved_by) values ($1, $2, $3, $4, $5, $6, $7, $8)',
    [
      tx.workspace,
      workflow,
      version,
      digest,
      source,
      JSON.stringify(compiled),
      note,
      by.kind === 'person' ? by.id : 'Viewport',
    ],
  )
  await tx.query('update vp.workflows set version = $3, team = $4 where workspace = $1 and workflow = $2', [
    tx.workspace,
    workflow,
    version,
    compiled.team,
  ])
  record(tx, { type: 'workflow.saved', by, data: { workflow, name: compiled.name, version, digest, note } })
  await planSchedules(tx, workflow, compiled, held?.enabled ?? false)
  tx.nudge('workflow', workflow)
  return (await versionOf(tx, compiled.name))!
}

const holdWorkflow = async (
  tx: Tx,
  name: string,
): Promise<{ workflow: string; version: number; enabled: boolean } | null> =>
  (
    await tx.query<{ workflow: string; version: number; enabled: boolean }>(
      'select workflow, version, enabled from vp.workflows where workspace = $1 and name = $2 for update',
      [tx.workspace, name],
    )
  ).rows[0] ?? null

/** Lets a workflow start work, or stops it from doing so: runs under way go on, and starts that wait for their turn never begin. */
export const enableWorkflow = async (
  tx: Tx,
  by: Actor,
  name: string,
  enabled: boolean,
): Promise<StoredVersion | Refusal> => {
  await holdWorkflow(tx, name)
  const stored = await versionOf(tx, name)
  if (!stored) return refuse('not_found', { what: 'workflow', id: name })
  if (stored.enabled === enabled) return stored
  if (enabled) {
    const { missing } = readiness(stored.compiled, await readWorld(tx))
    if (missing.length > 0)
      return refuse('not_ready', { workflow: name, missing: missingWords(missing), list: missing })
  }
  await tx.query('update vp.workflows set enabled = $3 where workspace = $1 and workflow = $2', [
    tx.workspace,
    stored.workflow,
    enabled,
  ])
  await planSchedules(tx, stored.workflow, stored.compiled, enabled)
  if (!enabled) await dropWaiting(tx, { workflow: stored.workflow }, 'it was disabled while this waited for its turn')
  record(
    tx,
    enabled
      ? { type: 'workflow.enabled', by, data: { workflow: stored.workflow, name, version: stored.version } }
      : { type: 'workflow.disabled', by, data: { workflow: stored.workflow, name } },
  )
  tx.nudge('workflow', stored.workflow)
  return { ...stored, enabled }
}
