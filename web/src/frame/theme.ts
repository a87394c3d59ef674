/**
 * Light or dark? The system decides until a person chooses; the choice stays on this machine.
 * public/theme.js sets the same attribute before the first paint.
 */
import { useSyncExternalStore } from 'react'

const key = 'viewport-theme'
const system = matchMedia('(prefers-color-scheme: dark)')
const listeners = new Set<() => void>()

type Theme = 'light' | 'dark'
const current = (): Theme => {
  const chosen = document.documentElement.dataset['theme']
  return chosen === 'light' || chosen === 'dark' ? chosen : system.matches ? 'dark' : 'light'
}

/** Turns the theme around and keeps it. Choosing what the system has gives the choice back to the system. */
export const toggleTheme = (): void => {
  const wanted: Theme = current() === 'dark' ? 'light' : 'dark'
  const same = wanted === (system.matches ? 'dark' : 'light')
  if (same) delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = wanted
  try {
    if (same) localStorage.removeItem(key)
    else localStorage.setItem(key, wanted)
  } catch {
    // no storage here: the choice lasts as long as the page
  }
  for (const listener of listeners) listener()
}

export const useTheme = (): Theme =>
  useSyncExternalStore((listener) => {
    listeners.add(listener)
    system.addEventListener('change', listener)
    return () => {
      listeners.delete(listener)
      system.removeEventListener('change', listener)
    }
  }, current)
