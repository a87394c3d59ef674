/**
 * How is a gate decided in the terminal?
 * Everything that it asks is shown, checked against its digest; one word decides, on exactly those bytes. It gives up when the gate closes elsewhere.
 */
import type { z } from 'zod'
import type { DecisionBody } from '@viewportai/core/api/inbox'
import type { GateCard } from '@viewportai/core/view/shapes'
import type { Api } from '../cli/connect.ts'
import { readEvidence, type Evidence } from '../cli/evidence.ts'
import { Stop } from '../cli/exit.ts'
import { showGate } from '../cli/gate-lines.ts'
import { inLine, type Terminal } from '../cli/terminal.ts'
import type { Answers } from './answers.ts'

/** Shows and decides it. `closed`: fires when the gate needs no word any more. False: nobody is there to answer, or this person may not. */
export const decideHere = async (
  api: Api,
  terminal: Terminal,
  answers: Answers,
  gate: string,
  closed: AbortSignal,
): Promise<boolean> => {
  const card = await api.gate({ params: { gate } })
  const evidence = await readEvidence(api, card)
  terminal.line()
  showGate(terminal, card, evidence)
  if (!card.may.decide) return false
  for (;;) {
    terminal.note(promptFor(card))
    const said = await answers.next(closed)
    if (said === undefined) return true
    if (said === null) return false
    const body = bodyOf(said.trim(), card, evidence)
    if (body === null) continue
    try {
      const decided = await api.decide({ params: { gate }, body })
      terminal.line(
        decided.state === 'open' && decided.votesNeeded > 0
          ? terminal.paint(
              'wait',
              `Your vote counts; ${decided.votesNeeded} more ${decided.votesNeeded === 1 ? 'is' : 'are'} needed. ${inLine(decided.lack ?? '')}`,
            )
          : `${terminal.paint('done', 'Decided')}: ${inLine(decided.outcome?.replace('_', ' ') ?? body.verdict)}.`,
      )
      return true
    } catch (error) {
      if (!(error instanceof Stop)) throw error
      terminal.note(`${error.message}${error.next ? ` ${error.next}` : ''}`)
    }
  }
}

const promptFor = (card: GateCard): string =>
  card.subject.kind === 'question'
    ? `Answer with ${card.choices.map(({ id }) => id).join(', ')}, and words behind it where it takes some:`
    : 'approve, reject, or changes WORDS (what should be different):'

/** What the typed line decides; null: it decides nothing, so it is asked again. */
export const bodyOf = (
  said: string,
  card: Pick<GateCard, 'subject' | 'choices'>,
  { digest }: Pick<Evidence, 'digest'>,
): z.input<typeof DecisionBody> | null => {
  const [, word = '', words = ''] = /^(\S+)\s*(.*)$/s.exec(said) ?? []
  if (card.subject.kind === 'question') {
    if (!card.choices.some(({ id }) => id === word)) return null
    return { verdict: 'answer', digest, answer: { choice: word, text: words || null } }
  }
  if (word === 'approve' && words === '') return { verdict: 'approve', digest }
  if (word === 'reject') return { verdict: 'reject', digest, comment: words || null }
  return word === 'changes' && words !== '' ? { verdict: 'request_changes', digest, comment: words } : null
}
