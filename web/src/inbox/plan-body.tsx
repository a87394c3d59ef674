/** The plan: as a page, or letter by letter. What changed since the round before can be shown alone. */
import type { GateCard } from '@viewportai/core/view/shapes'
import { useMemo, useState } from 'react'
import { textOf } from '../body/read.ts'
import { useBody, type Evidence } from '../body/use-body.ts'
import { paired } from '../diff/sequence.ts'
import { useKeys } from '../keys/use-keys.ts'
import { AgentText } from '../text/markdown.tsx'
import { hiddenIn, Revealed } from '../text/revealed.tsx'
import { Sentence } from '../look/sentence.tsx'
import { Skeleton } from '../look/waiting.tsx'
import { ContextUsed } from './context-used.tsx'
import { apart, OutsideText } from './outside-text.tsx'
import { setOnlySince, useOnlySince } from './only-since.ts'

export const PlanBody = ({ card, evidence }: { card: GateCard; evidence: Evidence }) => {
  const [exact, setExact] = useState(false)
  const only = useOnlySince(card.gate) && card.previous !== null
  useKeys({ s: () => card.previous && setOnlySince(card.gate, !only) })
  if (evidence.state === 'loading') return <Skeleton what="the plan" />
  if (evidence.state !== 'here') return <p className="mute">The text of the plan is not here.</p>
  const text = textOf(evidence.shown.bytes)
  const hidden = hiddenIn(text)
  return (
    <>
      <h2 className="h">
        Plan
        <span className="right toggle">
          <button type="button" className="link" aria-pressed={exact} onClick={() => setExact(!exact)}>
            {exact ? 'Show it as a page' : 'Show the exact text'}
          </button>
        </span>
      </h2>
      {hidden && <p className="taint">{hidden}</p>}
      {only ? <PlanSince card={card} text={text} /> : exact ? <Exact text={text} /> : <AgentText text={text} />}
      {card.outside !== null && <LetThrough text={card.outside} />}
      <ContextUsed run={card.run} step={card.subject.step} />
    </>
  )
}

/** An approval lets the run act on what somebody outside wrote: it is read first. */
const LetThrough = ({ text }: { text: string }) => {
  const { ours, theirs } = apart(text)
  return (
    <>
      <h2 className="h">What this lets the run act on</h2>
      <p>
        <Sentence text={ours} />
      </p>
      <OutsideText text={theirs} />
    </>
  )
}

const Exact = ({ text }: { text: string }) => (
  <pre className="raw">
    <Revealed text={text} />
  </pre>
)

/** Lines that are new, and lines that are gone. */
const PlanSince = ({ card, text }: { card: GateCard; text: string }) => {
  const before = useBody(card.run, card.previous?.body ?? null)
  const earlier = before.state === 'here' ? textOf(before.shown.bytes) : null
  const lines = useMemo(
    () => (earlier === null ? null : comparedLines(earlier.split('\n'), text.split('\n'))),
    [earlier, text],
  )
  if (before.state === 'away')
    return <p className="wait">The plan of the round before is away: {before.problem.message}</p>
  if (!lines) return <Skeleton what="the plan of the round before" />
  if (lines.every((line) => line.kind === 'ctx'))
    return <p className="wait">The same text as in round {card.previous!.round}.</p>
  return (
    <section className="diff" aria-label="What changed in the plan">
      {lines.map((line, at) => (
        <div key={at} className={`ln ${line.kind}`}>
          <span className="no">{line.at}</span>
          <span className="sign">{line.kind === 'add' ? '+' : line.kind === 'del' ? '−' : ''}</span>
          <code>
            <Revealed text={line.text} />
          </code>
        </div>
      ))}
    </section>
  )
}

type Line = { kind: 'add' | 'del' | 'ctx'; text: string; at: number }
const comparedLines = (before: string[], after: string[]): Line[] => {
  const lines: Line[] = []
  let [b, a] = [0, 0]
  for (const [pairB, pairA] of [...paired(before, after), [before.length, after.length] as const]) {
    for (; b < pairB; b += 1) lines.push({ kind: 'del', text: before[b]!, at: b + 1 })
    for (; a < pairA; a += 1) lines.push({ kind: 'add', text: after[a]!, at: a + 1 })
    if (a < after.length) lines.push({ kind: 'ctx', text: after[a]!, at: a + 1 })
    ;[b, a] = [pairB + 1, pairA + 1]
  }
  return lines
}
