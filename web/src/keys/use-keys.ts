/**
 * How does a part of a page listen to keys?
 * Every mounted part brings its bindings; a part mounted later is asked first. Decision keys are not bound here: see decide/.
 */
import { useLayoutEffect } from 'react'
import { useLatest } from '../look/latest.ts'
import { chord, pairMillis, type Before } from './chord.ts'
import { inField, underPanel } from './in-field.ts'

export type Bindings = Readonly<Record<string, (event: KeyboardEvent) => void>>

const layers: { current: Bindings }[] = []
let before: Before = null

/** Has the first key of a pair been pressed, so that the next one belongs to it? `g r` goes to the runs and rejects nothing. */
export const pairBegun = (now: number): boolean => before !== null && now - before.at <= pairMillis

const onKey = (event: KeyboardEvent): void => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
  if (inField(event.target) && event.key !== 'Escape') return
  if (underPanel() && event.key !== '?') return // the panel closes itself with Escape
  const found = chord(
    new Set(layers.flatMap((layer) => Object.keys(layer.current))),
    event.key,
    before,
    event.timeStamp,
  )
  before = found.before
  if (found.binding === null) return
  for (const layer of layers.toReversed()) {
    const run = layer.current[found.binding]
    if (!run) continue
    run(event)
    if (event.defaultPrevented) return
  }
}

/** Binds keys while the component is there. A binding that does not call `preventDefault` lets the layer below have the key too. */
export const useKeys = (bindings: Bindings): void => {
  const layer = useLatest(bindings)
  // Before the page is painted: who sees it can press its keys.
  useLayoutEffect(() => {
    if (layers.length === 0) window.addEventListener('keydown', onKey)
    layers.push(layer)
    return () => {
      layers.splice(layers.indexOf(layer), 1)
      if (layers.length === 0) window.removeEventListener('keydown', onKey)
    }
  }, [layer])
}
