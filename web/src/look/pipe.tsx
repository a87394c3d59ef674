/**
 * How far is a run, as a row that reads as a sentence: `claude plan ✓ > @jess approve ✓ > codex implement > PR`?
 * Where there is no room done chips keep avatar and tick only, the oldest first, then fold into "3 done", then what comes later goes; the filled one is never cut.
 */
import type { Chip } from '@viewportai/core/view/shapes'
import { useEffect, useRef } from 'react'
import { AgentMark, PersonMark } from './avatar.tsx'
import { Icon } from './icon.tsx'

const folds = 3 // done chips, later chips: see marks.css
const gap = 5 // px between the parts of a chip

/** Takes the words of done chips, the oldest first, until the row fits. One look at the widths, however many chips. */
const shorten = (row: HTMLElement): void => {
  const done = [...row.querySelectorAll<HTMLElement>('.c-done:not(.end, .folded)')]
  for (const chip of done) delete chip.dataset['short']
  let over = row.scrollWidth - row.clientWidth - 1
  const widths = done.map((chip) => (chip.querySelector<HTMLElement>('.says')?.offsetWidth ?? 0) + gap)
  for (const [at, chip] of done.entries()) {
    if (over <= 0) return
    chip.dataset['short'] = ''
    over -= widths[at]!
  }
}

export const Pipe = ({ chips }: { chips: readonly Chip[] }) => {
  const row = useRef<HTMLOListElement>(null)
  useEffect(() => {
    const element = row.current
    const place = element?.parentElement
    if (!element || !place) return undefined
    const fit = () => {
      for (let fold = 1; fold <= folds; fold += 1) {
        element.dataset['fold'] = String(fold)
        if (fold === 1) shorten(element)
        if (element.scrollWidth <= element.clientWidth + 1) return
      }
    }
    const watch = new ResizeObserver(fit)
    watch.observe(place)
    return () => watch.disconnect()
  }, [chips])
  const done = chips.filter((chip) => chip.state === 'done').length
  return (
    <ol className="pipe" ref={row}>
      {done > 1 && (
        <li className="c-done folded">
          {done} done
          <Icon name="check" small className="tick" />
        </li>
      )}
      {chips.map((chip) => (
        <PipeChip key={`${chip.step} ${chip.verb}`} chip={chip} />
      ))}
    </ol>
  )
}

const spoken = { done: 'done', run: 'now', wait: 'waiting', stop: 'stopped', later: 'later' } as const

const PipeChip = ({ chip }: { chip: Chip }) => {
  const bare = chip.actor === 'result' || chip.actor === 'system'
  return (
    <li className={`c-${chip.state}${bare ? ' end' : ''}`} title={`${chip.name} ${chip.verb}`.trim()}>
      {chip.actor === 'agent' && <AgentMark name={chip.name} />}
      {chip.actor === 'person' && <PersonMark name={chip.name} />}
      <span className="says">
        {bare ? (
          chip.name || chip.verb
        ) : (
          <>
            <span className="who">{chip.name}</span> {chip.verb}
          </>
        )}
      </span>
      {chip.state === 'done' && <Icon name="check" small className="tick" />}
      <span className="sr">{spoken[chip.state]}</span>
    </li>
  )
}
