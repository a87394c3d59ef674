/**
 * Which bytes of a run may be read, and where do they come from?
 * Only bodies that a fact of this very run names; from the store, or in transit from the runner that holds them.
 */
import type { BodyRef } from '@viewportai/core/digest/body'
import { isRefusal, refuse, type Refusal } from '@viewportai/core/refusal'
import type { LeftSummary } from '@viewportai/core/wire/left'
import type { Context } from '../context.ts'
import { inWorkspace, type Tx } from '../database/tenant.ts'
import type { Bytes } from '../http/answers.ts'
import { Refused } from '../http/problem.ts'
import { bodiesOf } from './change-view.ts'
import { runCalled, stateCalled } from './read.ts'

type Where = { readonly workspace: string; readonly called: string; readonly left: AbortSignal }
const endings: Readonly<Partial<Record<BodyRef['kind'], string>>> = {
  plan: 'md',
  patch: 'patch',
  log: 'log',
  output: 'log',
  question: 'md',
  comment: 'md',
  summary: 'md',
  context: 'txt',
}

/** A range of a body of the run. */
export const readBody = async (
  { db, bodies }: Context,
  { workspace, called, left }: Where,
  digest: string,
  offset: number,
  length: number | null,
): Promise<Bytes | Refusal> => {
  const found = await inWorkspace(db, workspace, async (tx) => {
    const state = await stateCalled(tx, called)
    if (isRefusal(state)) return state
    const ref = bodiesOf(state).find((body) => body.digest === digest) ?? null
    return ref || (await isNamed(tx, state.run, digest))
      ? { run: state.run, number: state.number, ref }
      : refuse('not_found', { what: 'body', id: digest })
  })
  if (isRefusal(found)) return found
  const { run, number, ref } = found
  if (ref && offset > ref.bytes) return refuse('offset_gap', { expected: ref.bytes })
  const bytes = await bodies.fetchBody({ workspace, run, digest, offset, length, signal: left })
  if (isRefusal(bytes)) return bytes
  const total = ref ? Math.min(length ?? ref.bytes, ref.bytes - offset) : undefined
  return {
    bytes: total === undefined ? bytes : exactly(bytes, total, digest),
    ...(total === undefined ? {} : { total }),
    name: `${number}-${ref?.kind ?? 'body'}-${digest.slice(0, 12)}.${(ref && endings[ref.kind]) ?? 'bin'}`,
  }
}

/** Older rounds and context sections are named by facts that the state does not keep. */
const isNamed = async (tx: Tx, run: string, digest: string): Promise<boolean> =>
  (
    await tx.query('select from vp.facts where workspace = $1 and run = $2 and strpos(text, $3) > 0 limit 1', [
      tx.workspace,
      run,
      digest,
    ])
  ).rowCount === 1

/** The log of a step's attempt (the latest when none is named), live while it runs. */
export const readLog = async (
  { db, bodies }: Context,
  { workspace, called, left }: Where,
  step: string,
  attempt: number | null,
  offset: number,
  follow: boolean,
): Promise<Bytes | Refusal> => {
  const state = await inWorkspace(db, workspace, (tx) => stateCalled(tx, called))
  if (isRefusal(state)) return state
  const known = state.steps[step]
  const wanted = attempt ?? known?.attempt ?? 0
  if (!known || wanted < 1 || wanted > known.attempt)
    return refuse('not_found', { what: 'log', id: `of ${step}, attempt ${wanted}` })
  const name = `${state.number}-${step}-${wanted}.log`
  const ended = known.status !== 'running' && wanted === known.attempt ? known.log : null
  if (ended && offset > ended.bytes) return refuse('offset_gap', { expected: ended.bytes })
  const bytes = ended
    ? await bodies.fetchBody({ workspace, run: state.run, digest: ended.digest, offset, length: null, signal: left })
    : await bodies.followLog({ workspace, run: state.run, step, attempt: wanted, offset, follow, signal: left })
  return isRefusal(bytes) ? bytes : { bytes, name }
}

/** What left the runner that has the run, and its name. */
export const readLeft = async (
  { db, bodies }: Context,
  { workspace, called, left }: Where,
): Promise<(LeftSummary & { runner: string }) | Refusal> => {
  const found = await inWorkspace(db, workspace, async (tx) => {
    const run = await runCalled(tx, called)
    if (isRefusal(run)) return run
    const { rows } = await tx.query<{ name: string }>(
      'select r.name from vp.runs n join vp.runners r on r.workspace = n.workspace and r.runner = n.runner where n.workspace = $1 and n.run = $2',
      [tx.workspace, run],
    )
    return { run, runner: rows[0]?.name ?? null }
  })
  if (isRefusal(found)) return found
  const { run, runner } = found
  // Nobody has taken it: nothing can have left.
  if (runner === null) return { messages: 0, bytes: 0, kept: 0, rows: [], runner: '' }
  const answer = await bodies.askLeft({ workspace, run, signal: left })
  return isRefusal(answer) ? answer : { ...answer, runner }
}

/** Passes on exactly so many bytes; throws when fewer come, so that the answer is cut and not taken for whole. */
async function* exactly(bytes: AsyncIterable<Uint8Array>, total: number, digest: string): AsyncIterable<Uint8Array> {
  let rest = total
  for await (const chunk of bytes) {
    if (rest === 0) break
    yield chunk.subarray(0, rest)
    rest -= Math.min(rest, chunk.length)
  }
  if (rest > 0) throw new Refused(refuse('body_mismatch', { digest })) // a refusal while nothing was sent, else the connection is cut
}
