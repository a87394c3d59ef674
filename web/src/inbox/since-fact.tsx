/** "2 files, +41 −6. Your one comment: its line changed." What changed since the round before, as one sentence. */
import type { GateCard } from '@viewportai/core/view/shapes'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { questions } from '../api/queries.ts'
import { useBody } from '../body/use-body.ts'
import { nowAt } from '../diff/since.ts'
import type { Patch } from '../diff/patch.ts'
import { usePatches } from '../diff/use-patches.ts'
import { counted, inWords } from '../look/amounts.ts'
import { setOnlySince, useOnlySince } from './only-since.ts'

export const SinceFact = ({ card }: { card: GateCard }) => {
  const evidence = useBody(card.run, card.body)
  const patches = usePatches(card, evidence.state === 'here' ? evidence.shown.bytes : null)
  const only = useOnlySince(card.gate)
  const previous = card.previous!
  if (card.kind !== 'change' && card.kind !== 'plan' && card.kind !== 'command')
    return <>Round {previous.round} had another question.</>
  return (
    <>
      {card.kind === 'plan' ? (
        <>Round {previous.round} was sent back. </>
      ) : (
        <Changed patches={patches} round={previous.round} />
      )}
      <Answered card={card} before={patches.before} now={patches.now} />{' '}
      <span className="nw">
        <button type="button" className="link" aria-pressed={only} onClick={() => setOnlySince(card.gate, !only)}>
          {only ? 'Show all of it' : 'Show only this'}
        </button>{' '}
        <kbd>s</kbd>
      </span>
    </>
  )
}

const Changed = ({ patches, round }: { patches: ReturnType<typeof usePatches>; round: number }): ReactNode => {
  const { since: found, earlier, baseMoved } = patches
  const base = baseMoved ? ' The base moved too.' : ''
  if (earlier.state === 'away') return <>The patch of round {round} is away: what changed cannot be shown now. </>
  if (earlier.state === 'wrong')
    return <span className="stop">The patch of round {round} does not fit its digest. </span>
  if (!found) return <>Comparing with round {round}. </>
  if (found.files.length === 0)
    return (
      <span className="wait">
        Nothing: the same lines as in round {round}.{base}{' '}
      </span>
    )
  return (
    <>
      {counted(found.files.length, 'file')}, <span className="plus">+{found.added}</span>{' '}
      <span className="minus">−{found.removed}</span> since round {round}.{base}{' '}
    </>
  )
}

/** Whether the lines one commented on are still as they were. It is not known whether a comment was answered: only that. */
const Answered = ({ card, before, now }: { card: GateCard; before: Patch | null; now: Patch | null }): ReactNode => {
  const me = useQuery(questions.me()).data?.person.id
  const lines = card.previous!.votes.filter((vote) => vote.person === me).flatMap((vote) => vote.lines)
  if (lines.length === 0 || !before || !now) return null
  const same = lines.filter((line) => nowAt(before, now, line)?.same ?? false).length
  const changed = lines.length - same
  const whose = lines.length === 1 ? 'Your one comment' : `Your ${inWords(lines.length)} comments`
  if (same === 0)
    return (
      <>
        {whose}: {lines.length === 1 ? 'its line' : 'all their lines'} changed.
      </>
    )
  return (
    <span className="wait">
      {whose}:{' '}
      {changed === 0
        ? lines.length === 1
          ? 'its line is as it was.'
          : 'their lines are as they were.'
        : `${changed} of ${lines.length} lines changed.`}
    </span>
  )
}
