/**
 * How far is a run, as a row that reads as a sentence: `claude plan ✓ > @jess approve ✓ > codex implement > PR`?
 * Where there is no room done chips keep avatar and tick only, then fold into "3 done"; the filled one is never cut.
 */
import type { Chip } from '@viewportai/core/view/shapes'
import { useLayoutEffect, useRef, useState } from 'react'
import { AgentMark, PersonMark } from './avatar.tsx'
import { Icon } from './icon.tsx'

/** How much is left out: nothing, words of done chips, done chips at all, what comes later but the end. */
type Fold = 0 | 1 | 2 | 3

export const Pipe = ({ chips }: { chips: readonly Chip[] }) => {
  const list = useRef<HTMLOListElement>(null)
  const fold = useFold(list, chips)
  const done = chips.filter((chip) => chip.state === 'done')
  const folded = fold >= 2 && done.length > 1
  const shown = chips.filter((chip, at) => !(folded && chip.state === 'done') && !(fold >= 3 && chip.state === 'later' && at < chips.length - 1))
  return (
    <ol className="pipe" ref={list}>
      {folded && (
        <li className="c-done">
          {done.length} done
          <Icon name="check" small className="tick" />
        </li>
      )}
      {shown.map((chip) => (
        <PipeChip key={`${chip.step} ${chip.verb}`} chip={chip} short={fold >= 1 && chip.state === 'done'} />
      ))}
    </ol>
  )
}

const spoken = { done: 'done', run: 'now', wait: 'waiting', stop: 'stopped', later: 'later' } as const

const PipeChip = ({ chip, short }: { chip: Chip; short: boolean }) => {
  const bare = chip.actor === 'result' || chip.actor === 'system'
  return (
    <li className={`c-${chip.state}${bare ? ' end' : ''}`} title={short ? `${chip.name} ${chip.verb}` : undefined}>
      {chip.actor === 'agent' && <AgentMark name={chip.name} />}
      {chip.actor === 'person' && <PersonMark name={chip.name} />}
      {short && !bare ? <span className="sr">{`${chip.name} ${chip.verb}`}</span> : <Words chip={chip} bare={bare} />}
      {chip.state === 'done' && <Icon name="check" small className="tick" />}
      <span className="sr">{spoken[chip.state]}</span>
    </li>
  )
}

const Words = ({ chip, bare }: { chip: Chip; bare: boolean }) =>
  bare ? (
    <span>{chip.name || chip.verb}</span>
  ) : (
    <>
      <span className="who">{chip.name}</span>
      {` ${chip.verb}`}
    </>
  )

/** Folds step by step until the row fits its place; starts again when the chips or the width change. */
const useFold = (list: React.RefObject<HTMLOListElement | null>, chips: readonly Chip[]): Fold => {
  const [width, setWidth] = useState(0)
  const [fold, setFold] = useState<{ of: string; fold: Fold }>({ of: '', fold: 0 })
  const of = `${width} ${chips.map((chip) => `${chip.name}${chip.verb}${chip.state}`).join('|')}`
  const now = fold.of === of ? fold.fold : 0
  useLayoutEffect(() => {
    const place = list.current?.parentElement
    if (!place) return undefined
    const watch = new ResizeObserver(() => setWidth(place.clientWidth))
    watch.observe(place)
    return () => watch.disconnect()
  }, [list])
  useLayoutEffect(() => {
    const row = list.current
    if (row && row.scrollWidth > row.clientWidth + 1 && now < 3) setFold({ of, fold: (now + 1) as Fold })
  })
  return now
}
