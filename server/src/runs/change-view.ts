/** What does a page show of a change that was opened in Viewport? */
import type { z } from 'zod'
import type { ChangeView } from '@viewportai/core/api/runs'
import type { BodyRef } from '@viewportai/core/digest/body'
import { changeDigest } from '@viewportai/core/gate/subject'
import { mergeGate } from '@viewportai/core/run/change-standing'
import type { RunState } from '@viewportai/core/run/state'

/** Null while no change is open. */
export const changeView = (state: RunState): z.infer<typeof ChangeView> | null => {
  const open = state.change
  if (!open) return null
  return {
    id: open.id,
    run: state.run,
    number: state.number,
    repo: open.repo,
    ref: open.ref,
    into: open.into,
    title: open.title,
    body: open.body ?? null,
    state: open.state,
    change: open.change,
    patch: patchOf(state, open.change.patch),
    mergeCommit: open.commit,
    mergeGate: mergeGate(state),
    failure: open.failure ?? null,
    digest: changeDigest(open.change),
  }
}

/** The body with this digest, where a step's result or a gate names it. */
const patchOf = (state: RunState, digest: string): BodyRef | null =>
  bodiesOf(state).find((body) => body.digest === digest) ?? null

/** Every body that the state of a run names. */
export const bodiesOf = (state: RunState): BodyRef[] => {
  const found: (BodyRef | null | undefined)[] = []
  for (const step of Object.values(state.steps)) {
    found.push(step.log, ...step.feedback.map((one) => one.body))
    const { result } = step
    if (result?.kind === 'plan' || result?.kind === 'text') found.push(result.body)
    if (result?.kind === 'change') found.push(result.patch, result.summary)
    if (result?.kind === 'checks') found.push(...[...result.commands, ...(result.baseline ?? [])].map((one) => one.log))
  }
  for (const gate of Object.values(state.gates)) found.push(gate.body)
  return found.filter((body) => body !== null && body !== undefined)
}
