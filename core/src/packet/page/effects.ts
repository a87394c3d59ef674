/**
 * What was done outside, on whose approval, and what came back?
 * A part of the packet's page.
 */
import { changeDigest, type Change } from '../../gate/subject.ts'
import type { IntentState, RunState } from '../../run/state.ts'
import { executedOf, executedOtherwise, type Executed } from '../executed.ts'
import { linksOf, type Link } from '../links.ts'
import { utcTime } from '../time.ts'
import { html, link, mono, pairs, section, table, type Html } from './html.ts'

const tones = {
  succeeded: 'done',
  failed: 'stop',
  unknown: 'wait',
  executing: 'run',
  approved: 'idle',
  rehearsed: 'idle',
  proposed: 'idle',
} as const

/** Every intent with its approval, digests and receipt. */
export const effectsPart = (links: readonly Link[], state: RunState): Html => {
  const parts = linksOf(links, 'intent.proposed').map(({ fact }) => {
    const { intent: id, action, target, digest } = fact.data
    const intent = state.intents[id]
    const approved = linksOf(links, 'intent.approved').findLast((one) => one.fact.data.intent === id)
    const gate = approved?.fact.data.gate ? state.gates[approved.fact.data.gate] : undefined
    const receipt = intent?.receipt ?? null
    const done = receipt ? executedOf(receipt) : null
    const ended = linksOf(links, 'effect.succeeded').findLast((one) => one.fact.data.intent === id)
    return html`<h3>
        ${action} to ${target}
        <span class="${tones[intent?.state ?? 'proposed']}">${intent?.state ?? 'taken back'}</span>
      </h3>
      ${pairs([
        [
          'Approved',
          gate
            ? `${gate.votes.map((vote) => vote.name).join(', ')} at ${gate.name}`
            : (approved?.fact.data.rule ?? 'not approved'),
        ],
        ['Approved digest', mono(digest)],
        ['Executed', done ? executedWords(action, digest, fact.data.change, done) : withoutReceipt(intent)],
        ...(ended
          ? ([
              [
                'When',
                `${utcTime(ended.fact.at)}, by ${ended.fact.by.kind === 'system' ? 'Viewport' : ended.fact.by.name}${intent?.reconciled ? ', found already done' : ''}`,
              ],
            ] as const)
          : []),
        ...(receipt
          ? ([
              [
                'Receipt',
                html`${receipt.provider} ${link(receipt.url, receipt.id)}${receipt.readBack ? ', read back' : ''}`,
              ],
            ] as const)
          : []),
        ...(intent?.failure ? ([['Failure', intent.failure.summary]] as const) : []),
        ['Intent', mono(id)],
      ])}`
  })
  return section(
    'effects',
    'What was done outside',
    parts.length ? { html: parts.map((part) => part.html).join('') } : html`<p>Nothing left the runner.</p>`,
  )
}

/** Nobody observed it: whether it happened is then somebody's word, not known, or no. It never says that nothing was done where that is not known. */
const withoutReceipt = (intent: IntentState | undefined): Html | string => {
  if (!intent) return 'nothing'
  const { settled, state, tried, attempt } = intent
  const last = tried.at(-1)
  const open = last?.how === 'unknown' ? `not known after attempt ${last.attempt}: ${last.why}` : null
  if (settled?.how === 'done') {
    const seen = settled.url === null ? '' : html` (${link(settled.url, 'what was seen')})`
    return html`by the word of ${settled.by}, without a receipt${seen}: ${settled.reason}`
  }
  if (settled) return `${open ?? 'nothing'}; given up by ${settled.by}: ${settled.reason}`
  if (state === 'executing') return `attempt ${attempt} had begun, and had not ended`
  return state === 'unknown' ? (open ?? 'not known') : 'nothing'
}

const executedWords = (action: string, approved: string, change: Change | null, done: Executed): Html => {
  if (done.digest === null && done.tree === null) return html`not stated by the receipt`
  const shown = done.digest === null ? html`tree ${mono(done.tree)}` : mono(done.digest)
  if (executedOtherwise(action, approved, change, done)) return html`${shown} <b class="stop">not what was approved</b>`
  const same = done.digest === approved || (change !== null && done.tree === change.tree)
  return same ? html`${shown} <span class="done">as approved</span>` : shown
}

/** The change: from where to where, planned against actual files. */
export const changePart = (state: RunState): Html => {
  const change =
    state.change?.change ??
    Object.values(state.steps).findLast((step) => step.result?.kind === 'change' && step.result.change)?.result
  const found = change && 'kind' in change ? (change.kind === 'change' ? change.change : null) : (change ?? null)
  if (!found) return html``
  const plans = Object.values(state.steps).flatMap((step) => (step.result?.kind === 'plan' ? [step.result.files] : []))
  const planned = plans.length ? new Set(plans.flat()) : null
  const missing = planned
    ? [...planned].filter((path) => !found.files.some((file) => file.path === path || file.from === path))
    : []
  return section(
    'change',
    'The change',
    pairs([
      ['Repository', found.repo],
      ['Base', mono(found.base)],
      ['Commit', mono(found.commit)],
      ['Tree', mono(found.tree)],
      ['Patch', mono(found.patch)],
      ['Digest', mono(changeDigest(found))],
    ]),
    table(
      ['File', 'Change', 'Lines', ...(planned ? ['In the plan'] : [])],
      found.files.map((file) => [
        html`<code>${file.path}</code
          >${file.from ? html`<br /><span class="dim">was <code>${file.from}</code></span>` : ''}`,
        file.status,
        file.binary ? 'binary' : `+${file.added} −${file.removed}`,
        ...(planned
          ? [
              planned.has(file.path) || (file.from !== null && planned.has(file.from))
                ? 'yes'
                : html`<b class="wait">not in the plan</b>`,
            ]
          : []),
      ]),
    ),
    missing.length ? html`<p>Planned and not changed: ${missing.join(', ')}.</p>` : null,
  )
}
