/** What was asked a while ago and changes seldom: names of channels, who somebody is. In memory only, and a bounded amount of it. */

const most = 20_000

export type Memory<V> = {
  held(key: string, now: number): V | undefined
  keep(key: string, value: V, now: number): void
  forget(key: string): void
  /** The value, asked for when it is not held or too old. When it cannot be asked for, an old one does. */
  of(key: string, now: number, ask: () => Promise<V>): Promise<V>
}

/** For so long (ms) each. `now`: the time of whoever asks (ms). */
export const remembering = <V>(millis: number): Memory<V> => {
  const all = new Map<string, { value: V; until: number }>()
  const keep: Memory<V>['keep'] = (key, value, now) => {
    if (all.size >= most) all.clear()
    all.set(key, { value, until: now + millis })
  }
  const held: Memory<V>['held'] = (key, now) => {
    const one = all.get(key)
    return one && one.until > now ? one.value : undefined
  }
  return {
    held,
    keep,
    forget: (key) => void all.delete(key),
    async of(key, now, ask) {
      const known = held(key, now)
      if (known !== undefined) return known
      try {
        const value = await ask()
        keep(key, value, now)
        return value
      } catch (error) {
        const old = all.get(key)
        if (old) return old.value
        throw error
      }
    },
  }
}
