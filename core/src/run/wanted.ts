/**
 * What exactly would an action do: with which parameters, on what, to which change?
 * The same answer fills the card of a gate before it and the intent after it. It never asks whether it may.
 */
import { digestOf } from '../digest/canonical.ts'
import { changeDigest, type Change } from '../gate/subject.ts'
import { publishedStep, renderedParams, targetRef, titleOf, type Wanted } from './action-inputs.ts'
import { changeOf, type RunState } from './state.ts'
import type { ActionStep } from '../workflow/compiled.ts'
import { outsideIntent } from './wanted-outside.ts'

type Written = { repo?: string; title?: string; body?: string; into?: string; method?: 'merge' | 'fast_forward' }

/** What this step would do now, or why it cannot, in words. A change is opened after its branch was pushed (`pushIntent`). */
export const wantedOf = (state: RunState, spec: ActionStep): Wanted | string => {
  if (spec.action !== 'git.open_change' && spec.action !== 'git.merge') return outsideIntent(state, spec)
  const of = publishedStep(state, spec.of)
  const change = of ? changeOf(state.steps[of]) : null
  if (!of || !change) return `${spec.action} has no change to publish: no step before it edits the repository.`
  const params = renderedParams(state, spec) as Written | string
  if (typeof params === 'string') return `${spec.id}: ${params}.`
  if (params.repo !== undefined && params.repo !== change.repo)
    return `${spec.id} names ${params.repo}; the change of ${of} is in ${change.repo}.`
  if (spec.action === 'git.open_change') return openIntent(state, spec.id, change, params)
  return state.change ? mergeIntent(state, spec.id, params) : 'git.merge comes before a change was opened.'
}

/** A push of exactly this tree to exactly this ref. The same ref and tree is the same effect, whoever asked for it. */
export const pushIntent = (state: RunState, step: string, change: Change, ref: string): Wanted => {
  const last = Object.values(state.intents).findLast(
    (i) =>
      i.action === 'git.push' && i.state === 'succeeded' && i.params['repo'] === change.repo && i.params['ref'] === ref,
  )
  const expect = typeof last?.receipt?.observed['commit'] === 'string' ? last.receipt.observed['commit'] : null
  const key = digestOf({ run: state.run, action: 'git.push', repo: change.repo, ref, tree: change.tree })
  return {
    action: 'git.push',
    step,
    key,
    digest: changeDigest(change),
    params: { repo: change.repo, ref, expect, message: titleOf(state) },
    change,
    target: `${change.repo} ${ref}`,
    at: 'runner',
  }
}

const branchRef = (name: string): string => (name.startsWith('refs/') ? name : `refs/heads/${name}`)

/** Parameters of opening this change in Viewport. */
export const openParams = (state: RunState, change: Change, written: Written) => ({
  repo: change.repo,
  ref: state.spec.branch,
  into: written.into ? branchRef(written.into) : targetRef(state, change.repo),
  title: (written.title ?? titleOf(state)).slice(0, 300),
  ...(written.body && { body: written.body }),
})

const openIntent = (state: RunState, step: string, change: Change, written: Written): Wanted => {
  const params = openParams(state, change, written)
  return {
    action: 'git.open_change',
    step,
    key: digestOf({ run: state.run, action: 'git.open_change', ...params, tree: change.tree }),
    digest: changeDigest(change),
    params,
    change,
    target: change.repo,
    at: 'server',
  }
}

/** The step of a merge that a person asked for on the page of the change. No step of a workflow can have this name. */
export const onChangePage = 'person:merge'

/** A merge of the opened change. A failed one may be asked for again: the ordinal makes it a new effect. */
export const mergeIntent = (state: RunState, step: string, written: Written = {}): Wanted => {
  const open = state.change!
  const ordinal = Object.values(state.intents).filter((i) => i.action === 'git.merge').length + 1
  const into = written.into ? branchRef(written.into) : open.into
  const method = written.method ?? 'merge'
  const params = { repo: open.repo, ref: open.ref, into, title: open.title, change: open.id, method }
  return {
    action: 'git.merge',
    step,
    key: digestOf({ run: state.run, action: 'git.merge', ordinal, ...params, tree: open.change.tree }),
    digest: changeDigest(open.change),
    params,
    change: open.change,
    target: `${open.repo} ${into}`,
    at: 'runner',
  }
}
