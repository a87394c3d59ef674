/**
 * `viewport decide GATE [VERDICT]`: look at what is asked, and decide.
 * The digest that is sent is computed here from the bytes that were shown; with --digest it must also be the one seen before.
 */
import { createInterface } from 'node:readline/promises'
import { Argument, InvalidArgumentError } from 'commander'
import type { z } from 'zod'
import type { DecisionBody } from '@viewportai/core/api/inbox'
import type { GateCard } from '@viewportai/core/view/shapes'
import type { AddCommand } from './cli.ts'
import { readEvidence, type Evidence } from './evidence.ts'
import { Stop } from './exit.ts'
import { showGate } from './gate-lines.ts'
import { gateRef } from './run-ref.ts'
import { inLine, shortDigest, type Terminal } from './terminal.ts'

const verdicts = ['approve', 'request-changes', 'reject', 'answer', 'withdraw'] as const
type Line = { path: string; line: number; side: 'old' | 'new'; text: string }
type Options = { comment?: string; line: Line[]; digest?: string; choice?: string; yes?: boolean }

const help = `
GATE is a gate's id, or the number of a run that asks one thing. Without a verdict it only shows what is asked.
At a terminal it asks before it decides; --yes, or --digest with the digest you saw, decides at once.

Examples:
  viewport decide 12
  viewport decide 12 approve
  viewport decide gate_x4k2-1 request-changes --comment "Keep the old name" --line src/price.js:14:"Round once"
  viewport decide gate_x4k2-2 answer --choice retry --comment "Use the staging database"
  viewport decide gate_x4k2-1 approve --digest 3f9c52…`

export const addDecide: AddCommand = (program, cli) => {
  program
    .command('decide')
    .description('show what a gate asks, and approve, request changes, reject or answer')
    .argument('<gate>', 'a gate, or a run that asks one thing')
    .addArgument(new Argument('[verdict]', 'what you decide').choices(verdicts))
    .option('-m, --comment <words>', 'what should change, or why')
    .option('--line <path:line:words>', 'a comment on a line of the change; may be given several times', addLine, [])
    .option('--choice <id>', 'which answer, for a question')
    .option('--digest <hex>', 'the digest you saw: refused when it is another one now (the first 12 digits are enough)')
    .option('-y, --yes', 'do not ask again')
    .addHelpText('after', help)
    .action(async (word: string, verdict: (typeof verdicts)[number] | undefined, options: Options) => {
      const { terminal, api } = cli()
      const reach = api()
      const gate = await gateRef(reach, word)
      if (verdict === 'withdraw') {
        await reach.withdraw({ params: { gate } })
        return terminal.give({ gate, withdrawn: true }, () => terminal.line('Your vote is withdrawn.'))
      }
      const card = await reach.gate({ params: { gate } })
      const evidence = await readEvidence(reach, card)
      checkSeen(options.digest, evidence.digest)
      if (terminal.json && verdict === undefined)
        return terminal.give({ card, digest: evidence.digest, text: evidence.text }, () => {})
      showGate(terminal, card, evidence)
      if (verdict === undefined) return undefined
      const body = bodyOf(verdict, options, evidence, card)
      if (terminal.asks && !options.yes && options.digest === undefined && !(await isSure(verdict, card)))
        throw new Stop('refused', 'Nothing was decided.')
      const decided = await reach.decide({ params: { gate }, body })
      return terminal.give({ ...decided, verdict, digest: evidence.digest }, () =>
        sayDecided(terminal, verdict, decided),
      )
    })
}

/** Throws unless the digest a person saw before is the one of what stands there now. */
export const checkSeen = (seen: string | undefined, digest: string): void => {
  if (seen === undefined) return
  const hex = seen.replace(/^sha256:/, '').toLowerCase()
  if (!/^[0-9a-f]{12,64}$/.test(hex)) throw new Stop('usage', 'A digest is given by its first 12 to 64 hex digits.')
  if (!digest.startsWith(hex))
    throw new Stop(
      'refused',
      `What you saw is not what is asked any more: you saw ${hex.slice(0, 6)}…, it is ${shortDigest(digest)}. Nothing was decided.`,
      'Look at what changed and decide again.',
    )
}

const bodyOf = (
  verdict: Exclude<(typeof verdicts)[number], 'withdraw'>,
  options: Options,
  evidence: Evidence,
  card: GateCard,
): z.input<typeof DecisionBody> => {
  if (verdict === 'answer' && options.choice === undefined)
    throw new Stop(
      'usage',
      'An answer needs --choice.',
      `There are ${card.choices.map((choice) => choice.id).join(', ') || 'no answers to choose from'}.`,
    )
  const comment = options.comment ?? null
  return {
    verdict: verdict === 'request-changes' ? 'request_changes' : verdict,
    digest: evidence.digest,
    comment: verdict === 'answer' ? null : comment,
    lines: options.line,
    answer: verdict === 'answer' ? { choice: options.choice!, text: comment } : null,
  }
}

const isSure = async (verdict: string, card: GateCard): Promise<boolean> => {
  const ask = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const said = await ask.question(
      `${verdict.replace('-', ' ')}: "${card.verb.replace(/[^\x20-\x7e]/g, '?')}"? Type y for yes: `,
    )
    return /^y(es)?$/i.test(said.trim())
  } finally {
    ask.close()
  }
}

const sayDecided = (
  terminal: Terminal,
  verdict: string,
  decided: { state: string; outcome: string | null; votesNeeded: number; lack: string | null; next: string | null },
): void => {
  terminal.line()
  const more =
    decided.state === 'open' && decided.votesNeeded > 0
      ? ` ${decided.votesNeeded} more ${decided.votesNeeded === 1 ? 'vote is' : 'votes are'} needed.`
      : ''
  terminal.line(`${terminal.paint('done', 'Decided')}: ${decided.outcome?.replace('_', ' ') ?? verdict}.${more}`)
  if (decided.lack) terminal.line(terminal.paint('wait', inLine(decided.lack)))
  if (decided.next) terminal.note(terminal.paint('dim', `Next: viewport decide ${decided.next}`))
}

/** `path:line:words`, or `path:-line:words` for a removed line. The path may hold colons. */
export const addLine = (text: string, before: Line[]): Line[] => {
  const [, path, minus, line, words] = /^(.+?):(-?)(\d+):(.+)$/s.exec(text) ?? []
  if (!path || !line || !words)
    throw new InvalidArgumentError(
      'A comment on a line is written path:line:words; for a removed line path:-line:words.',
    )
  return [...before, { path, line: Number(line), side: minus ? 'old' : 'new', text: words }]
}
