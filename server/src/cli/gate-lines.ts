/** How is a gate told in lines, so that a good decision can be made in a terminal? Nothing is cut: the end of a command counts. */
import { revealed } from '@viewportai/core/policy/hidden'
import type { ChangedFile } from '@viewportai/core/gate/subject'
import { whyNoCost } from '@viewportai/core/run/why-no-cost'
import type { GateCard } from '@viewportai/core/view/shapes'
import type { Evidence } from './evidence.ts'
import { ago, columns, inLine, quoted, shortDigest, type Terminal } from './terminal.ts'

export const showGate = (terminal: Terminal, card: GateCard, evidence: Evidence): void => {
  const line = (text = ''): void => terminal.line(text)
  line(
    `${terminal.paint('bold', inLine(card.verb))}  ${terminal.paint(card.state === 'open' ? 'wait' : 'idle', card.state === 'open' ? card.kind : (card.outcome ?? 'closed'))}`,
  )
  line(
    terminal.paint(
      'dim',
      `${card.gate}, run ${card.number} (${inLine(card.workflow)}), from ${inLine(card.source)}, round ${card.round}, ${ago(card.openedAt)}`,
    ),
  )
  if (card.rehearsal) line('Of a rehearsal with a sample event: nothing outside is done.')
  if (card.tainted) line(terminal.paint('wait', 'Text from outside the workspace reached this run.'))
  for (const reason of card.reasons) line(inLine(reason))
  for (const { rule, effect, held, found } of card.rules)
    if (held) line(terminal.paint('dim', `  ${effect}: ${rule}${found === null ? '' : `, ${inLine(found)}`}`))
  line()
  for (const row of columns(factRows(terminal, card))) line(row)
  showSubject(terminal, card)
  if (card.outside !== null) {
    line()
    line(terminal.paint('wait', 'What somebody outside wrote, which an approval lets the run act on:'))
    line(quoted(card.outside))
  }
  if (evidence.text !== null) {
    line()
    line(
      terminal.paint(
        'dim',
        `${evidence.body?.kind ?? 'body'}, ${evidence.body?.bytes ?? 0} bytes, checked against its digest`,
      ),
    )
    line(evidence.body?.kind === 'patch' ? patchLines(terminal, evidence.text) : quoted(evidence.text))
  }
  line()
  for (const next of card.then) line(`Then: ${inLine(next)}`)
  line(`Digest of all this: ${evidence.digest}`)
}

const factRows = (terminal: Terminal, card: GateCard): string[][] => {
  const approvals = card.votes.filter((vote) => vote.verdict === 'approve').length
  const tests = card.tests
  const counts = tests && countsOf(tests.after)
  const before = tests?.before && countsOf(tests.before)
  return [
    ['You', card.may.decide ? inLine(card.may.why) : terminal.paint('stop', inLine(card.may.why))],
    ['Votes', `${approvals} of ${card.required} by ${card.approvers.map((one) => inLine(one.label)).join(', ')}`],
    ...card.votes.map((vote) => [
      '',
      `${inLine(vote.name)}: ${vote.verdict.replace('_', ' ')}${vote.comment ? `, "${inLine(vote.comment)}"` : ''}`,
    ]),
    [
      'Agent',
      `${inLine(card.agent ?? 'none')}${card.agentVersion ? ` ${inLine(card.agentVersion)}` : ''}${card.isolation ? `, isolation: ${card.isolation.level}, processes held by ${card.isolation.processes}` : ''}`,
    ],
    ...(tests
      ? [
          [
            'Tests',
            `${tests.passed ? terminal.paint('done', 'pass') : terminal.paint('stop', 'fail')}${counts ? ` (${counts})` : ''}${before ? `, before the change ${before}` : ''}`,
          ],
        ]
      : []),
    [
      'Cost',
      card.usage.usdMicros === null
        ? whyNoCost(card.usage)
        : `${(card.usage.usdMicros / 1_000_000).toFixed(2)} USD${card.budgetUsd === null ? '' : ` of ${card.budgetUsd}`}`,
    ],
    ...(card.held
      ? [['Bytes', `on ${inLine(card.held.name)}${card.held.online ? '' : terminal.paint('stop', ' (away)')}`]]
      : []),
  ]
}

const countsOf = (checks: NonNullable<GateCard['tests']>['after']): string =>
  checks.flatMap((one) => (one.tests ? [`${one.tests.passed} passed, ${one.tests.failed} failed`] : [])).join('; ')

const showSubject = (terminal: Terminal, card: GateCard): void => {
  const { subject } = card
  if (subject.kind === 'command') {
    terminal.line()
    terminal.line(`In ${inLine(subject.cwd)}:`)
    for (const [at, word] of subject.argv.entries()) terminal.line(`  ${at}: ${inLine(word)}`)
    if (subject.where) {
      const { repository, environment, digest } = subject.where
      const own =
        repository === '.'
          ? 'the checkout'
          : repository === null
            ? 'none'
            : `${inLine(repository)}, not the checkout of this step`
      terminal.line(`Repository there: ${own}`)
      terminal.line(`Environment: ${environment.map(inLine).join(', ')} (${inLine(digest)})`)
    }
    if (subject.reason) terminal.line(`Because: ${inLine(subject.reason)}`)
    if (subject.push) {
      terminal.line(`Would publish ${inLine(subject.push.ref)}, tree ${shortDigest(subject.push.change.tree)}:`)
      showFiles(terminal, subject.push.change.files, card.plannedFiles, [])
    }
  }
  if (subject.kind === 'change') {
    terminal.line()
    terminal.line(`${inLine(subject.change.repo)}, ${inLine(subject.ref)}, tree ${shortDigest(subject.change.tree)}:`)
    showFiles(terminal, subject.change.files, card.plannedFiles, subject.protected)
  }
  if (subject.kind === 'plan' && subject.files.length > 0) {
    terminal.line()
    terminal.line(`Would touch ${subject.files.map(inLine).join(', ')}`)
  }
  if (subject.kind === 'action') {
    terminal.line()
    terminal.line(`${inLine(subject.action)} on ${inLine(subject.target)}`)
    terminal.line(quoted(JSON.stringify(subject.params, null, 2)))
    if (subject.change) showFiles(terminal, subject.change.files, card.plannedFiles, [])
  }
  if (subject.kind === 'question') {
    terminal.line()
    terminal.line(quoted(subject.text))
    for (const choice of subject.choices)
      terminal.line(
        `  --choice ${choice.id}  ${inLine(choice.label)}${choice.text === 'none' ? '' : choice.text === 'required' ? ' (needs --comment)' : ' (takes --comment)'}`,
      )
  }
}

const showFiles = (
  terminal: Terminal,
  files: readonly ChangedFile[],
  planned: readonly string[] | null,
  guarded: readonly string[],
): void => {
  const rows = files.map((file) => [
    `+${file.added}`,
    `-${file.removed}`,
    file.status,
    `${file.from === null ? '' : `${inLine(file.from)} → `}${inLine(file.path)}`,
    [
      ...(planned && !planned.includes(file.path) ? [terminal.paint('wait', 'not in the plan')] : []),
      ...(guarded.includes(file.path) ? [terminal.paint('wait', 'protected')] : []),
      ...(file.mode ? [`mode ${file.mode}`] : []),
    ].join(', '),
  ])
  for (const row of columns(rows, '  ')) terminal.line(row)
  for (const path of (planned ?? []).filter((one) => !files.some((file) => file.path === one)))
    terminal.line(terminal.paint('dim', `  planned, not touched: ${inLine(path)}`))
}

const patchLines = (terminal: Terminal, patch: string): string =>
  revealed(patch)
    .replace(/\n$/, '')
    .split('\n')
    .map((line) =>
      /^\+(?!\+\+ )/.test(line)
        ? terminal.paint('done', line)
        : /^-(?!-- )/.test(line)
          ? terminal.paint('stop', line)
          : /^(diff|@@)/.test(line)
            ? terminal.paint('bold', line)
            : line,
    )
    .join('\n')
