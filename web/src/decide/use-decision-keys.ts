/**
 * How do decision keys reach the decision?
 * One gate of keys for the whole page, because a key held down belongs to the keyboard and not to an item.
 */
import { useEffect, useLayoutEffect } from 'react'
import { inField, underPanel } from '../keys/in-field.ts'
import { pairBegun } from '../keys/use-keys.ts'
import { useLatest } from '../look/latest.ts'
import { KeyGate } from './key-gate.ts'

const gate = new KeyGate()
const pressed = new Set<(key: string, event: KeyboardEvent) => void>()

const down = (event: KeyboardEvent): void => {
  const decides = gate.press(
    {
      key: event.key,
      repeat: event.repeat,
      ctrlKey: event.ctrlKey,
      metaKey: event.metaKey,
      altKey: event.altKey,
      inField: inField(event.target) || underPanel(),
    },
    performance.now(),
  )
  if (decides && !event.defaultPrevented && !pairBegun(event.timeStamp))
    for (const hear of pressed) hear(event.key, event)
}
const up = (event: KeyboardEvent): void => gate.release(event.key)
const away = (): void => gate.blur()

// Listening starts with the page, so that a key that was down before an item was opened is known to be held.
window.addEventListener('keydown', down)
window.addEventListener('keyup', up)
window.addEventListener('blur', away)

type DecisionKeys = Readonly<Record<string, () => void>>

/** Runs `keys[key]` for a press that may decide. `shown`: what is on the screen; when it changes everything is dead for a moment. */
export const useDecisionKeys = (
  shown: string,
  keys: DecisionKeys,
): { click: (run: () => void) => (event: React.MouseEvent) => void } => {
  const current = useLatest(keys)
  useLayoutEffect(() => gate.itemChanged(performance.now()), [shown])
  useEffect(() => {
    const hear = (key: string, event: KeyboardEvent) => {
      const run = current.current[key]
      if (!run) return
      event.preventDefault()
      run()
    }
    pressed.add(hear)
    return () => void pressed.delete(hear)
  }, [current])
  return {
    click: (run) => (event) => {
      if (gate.click(event.detail === 0, performance.now())) run()
    },
  }
}
