/**
 * Which agents worked where, what did the checks say, and what context was given?
 * Parts of the packet's page.
 */
import type { FactOf } from '../../run/facts.ts'
import type { RunState } from '../../run/state.ts'
import { linksOf, type Link } from '../links.ts'
import { nameOf } from './decisions.ts'
import { dollars, html, mono, section, table, type Html } from './html.ts'

/** One row per attempt: the agent with its version, the machine, and how the work was walled in. */
export const attemptsPart = (links: readonly Link[]): Html =>
  section(
    'work',
    'Who worked',
    table(
      ['Step', 'Agent', 'Runner', 'Isolation', 'Cost'],
      linksOf(links, 'step.started').map(({ fact }) => {
        const { step, attempt, agent, isolation } = fact.data
        const end = linksOf(links, 'step.finished', 'step.failed').find(
          (one) => one.fact.data.step === step && one.fact.data.attempt === attempt,
        )
        return [
          html`${step}${attempt > 1 ? `, attempt ${attempt}` : ''}`,
          agent
            ? `${agent.name} ${agent.version ?? 'of unknown version'}${agent.tested ? '' : ', not a tested version'}${end ? usedWords(end.fact.data.usage) : ''}`
            : 'checks',
          nameOf(fact.by),
          `${isolation.level}, ${isolation.processes === 'pid-namespace' ? 'own process namespace' : 'processes swept'}, network ${isolation.network}`,
          end ? costOf(end.fact.data.usage) : '',
        ]
      }),
    ),
    html`${linksOf(links, 'settings.resolved').map(({ fact }) => {
      const { step, attempt, repo, commit, files, why } = fact.data
      const told = files.map((file) => html`<code>${file.path}</code> ${mono(file.digest)} `)
      return html`<p>
        ${step}, attempt ${attempt}:
        ${why === null ? html`loaded settings of ${repo} as at ${commit.slice(0, 12)}: ${told.length ? told : 'none are there'}` : `loaded no settings of ${repo}: ${why}`}.
      </p>`
    })}`,
  )

const usedWords = ({ models }: FactOf<'step.finished'>['usage']): string =>
  models ? `, with ${models.map(({ model }) => model).join(', ')}` : ''

const costOf = ({ usdMicros, source }: FactOf<'step.finished'>['usage']): string =>
  usdMicros !== null ? dollars(usdMicros) : source === 'none' ? '' : 'unavailable'

/** The checks, before and after. */
export const checksPart = (links: readonly Link[]): Html => {
  const rows = linksOf(links, 'step.finished').flatMap(({ fact }) => {
    const { result } = fact.data
    if (result.kind !== 'checks') return []
    const row = (on: string) => (one: (typeof result.commands)[number]) => [
      html`<code>${one.command}</code>`,
      on,
      one.exit === 0
        ? html`<span class="done">passed</span>`
        : html`<span class="stop">${one.exit === null ? 'ended by a signal' : `exit code ${one.exit}`}</span>`,
      one.tests ? `${one.tests.passed} passed, ${one.tests.failed} failed` : 'not counted',
    ]
    return [
      ...(result.baseline ?? []).map(row('without the change')),
      ...result.commands.map(row(`with the change${fact.data.attempt > 1 ? `, attempt ${fact.data.attempt}` : ''}`)),
    ]
  })
  return section('checks', 'Checks', table(['Command', 'Run', 'Result', 'Tests'], rows))
}

/** References to what the agents were given. No bodies. */
export const contextPart = (links: readonly Link[], state: RunState): Html => {
  // An agent cites by labels of its own attempt.
  const cited = new Set(
    linksOf(links, 'context.cited').flatMap(({ fact }) =>
      fact.data.used.map((id) => `${fact.data.step} ${fact.data.attempt} ${id}`),
    ),
  )
  const missing = [...new Set(state.contextMissing.map((one) => one.wish))]
  return section(
    'context',
    'Context that was given',
    table(
      ['Section', 'From', 'Digest', 'Cited'],
      linksOf(links, 'context.resolved').flatMap(({ fact }) =>
        fact.data.items.map((item) => [
          html`${item.title}<br /><span class="dim"
              >${item.id}, for ${fact.data.step}${item.pinned ? ', pinned' : ''}</span
            >`,
          html`<code>${item.repo} ${item.path}:${item.lines[0]}-${item.lines[1]}</code><br /><span class="dim"
              >at ${item.commit.slice(0, 12)}</span
            >`,
          mono(item.digest),
          cited.has(`${fact.data.step} ${fact.data.attempt} ${item.id}`) ? 'yes' : 'no',
        ]),
      ),
    ),
    missing.length ? html`<p>Asked for and not found: ${missing.join(', ')}.</p>` : null,
  )
}
