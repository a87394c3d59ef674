/**
 * Since when may people have been shown what they approved at a gate?
 * From its opening; where approvals were kept from a gate before, from the opening of that one. It never says what was shown.
 */
import type { GateState, RunState } from './state.ts'

/** `shown`: the earliest moment at which a page may have told of it that a vote rests on (ms). `voted`: of the earliest approval. Null: nobody approved it at a gate. */
export const shownSince = (
  { gates }: Pick<RunState, 'gates'>,
  gate: string | null,
): { readonly shown: number; readonly voted: number } | null => {
  const of = gate === null ? undefined : gates[gate]
  if (of === undefined) return null
  const votes = of.votes.filter(({ verdict }) => verdict === 'approve')
  const before = Object.values(gates).filter((one) =>
    one.votes.some((vote) => votes.some((mine) => isSame(mine, vote))),
  )
  return {
    shown: Math.min(of.openedAt, ...before.map(({ openedAt }) => openedAt)),
    voted: Math.min(of.closedAt ?? of.openedAt, ...votes.map(({ at }) => at)),
  }
}

/** A vote that is kept is the fact that it was, at both gates. */
const isSame = (one: GateState['votes'][number], other: GateState['votes'][number]): boolean => one.seq === other.seq
