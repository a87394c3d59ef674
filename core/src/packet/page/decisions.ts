/**
 * Who decided what, when, on which digest?
 * A part of the packet's page.
 */
import { verbOf } from '../../view/gate-item.ts'
import { sayVerdict } from '../../view/timeline.ts'
import type { RunState } from '../../run/state.ts'
import { linksOf, type Link } from '../links.ts'
import { utcTime } from '../time.ts'
import { html, mono, section, table, type Html } from './html.ts'

const tones = { approve: 'done', request_changes: 'wait', reject: 'stop', answer: 'done' } as const

/** Decisions in order, refused and withdrawn ones after them. */
export const decisionsPart = (links: readonly Link[], state: RunState): Html => {
  const made = linksOf(links, 'decision.made').map(({ fact }) => {
    const { gate: id, verdict, as, digest, via, comment, lines, answer, selfApproved } = fact.data
    const gate = state.gates[id]
    return [
      html`${utcTime(fact.at)}<br /><span class="dim">fact ${fact.seq}</span>`,
      html`${nameOf(fact.by)}<br /><span class="dim">${idOf(fact.by)}, as ${as}</span>`,
      html`<b class="${tones[verdict]}">${sayVerdict[verdict]}</b>
        ${gate ? (gate.kind === 'plan' ? 'the plan' : verbOf(state, gate)) : id}<br /><span class="dim"
          >${gate?.name ?? ''}, round ${gate?.round ?? 0}${selfApproved ? ', self-approved' : ''}, ${via.auth} in
          ${via.surface}</span
        >${answer ? html`<div class="said">${answer.choice}${answer.text ? `: ${answer.text}` : ''}</div>` : ''}${comment ? html`<div class="said">${comment}</div>` : ''}${lines.map((line) => html`<div class="said">${line.path}:${line.line} ${line.text}</div>`)}`,
      mono(digest),
    ]
  })
  const merges = linksOf(links, 'change.merge_requested').map(({ fact }) => [
    html`${utcTime(fact.at)}<br /><span class="dim">fact ${fact.seq}</span>`,
    html`${nameOf(fact.by)}<br /><span class="dim">${idOf(fact.by)}, as ${fact.data.as}</span>`,
    html`<b class="done">asked to merge</b> ${fact.data.id}<br /><span class="dim"
        >${fact.data.via.auth} in ${fact.data.via.surface}</span
      >`,
    mono(fact.data.digest),
  ])
  const undone = linksOf(links, 'decision.refused', 'decision.withdrawn').map(({ fact }) => [
    html`${utcTime(fact.at)}<br /><span class="dim">fact ${fact.seq}</span>`,
    nameOf(fact.by),
    fact.type === 'decision.refused'
      ? html`<b class="stop">was refused</b> ${fact.data.words}`
      : html`<b class="wait">withdrew the vote</b> ${fact.data.gate}`,
  ])
  const none = made.length + merges.length === 0 ? html`<p>Nobody was asked in this run.</p>` : null
  return section(
    'decisions',
    'Decisions',
    none,
    table(['When', 'Who', 'What', 'Digest that was seen'], [...made, ...merges]),
    undone.length
      ? html`<h3>Refused and withdrawn</h3>
          ${table(['When', 'Who', 'What'], undone)}`
      : null,
  )
}

type By = Link['fact']['by']
export const nameOf = (by: By): string => (by.kind === 'system' ? 'Viewport' : by.name)
const idOf = (by: By): string => (by.kind === 'system' ? 'system' : by.id)
