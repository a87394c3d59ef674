/** What was asked a while ago and changes seldom: names of channels, who somebody is. In memory only, and a bounded amount of it. */

const most = 20_000

export type Memory<V> = {
  held(key: string): V | undefined
  keep(key: string, value: V): void
  forget(key: string): void
  /** The value, asked for when it is not held or too old. When it cannot be asked for, an old one does. */
  of(key: string, ask: () => Promise<V>): Promise<V>
}

export const remembering = <V>(millis: number, clock: () => number = Date.now): Memory<V> => {
  const all = new Map<string, { value: V; until: number }>()
  const keep: Memory<V>['keep'] = (key, value) => {
    if (all.size >= most) all.clear()
    all.set(key, { value, until: clock() + millis })
  }
  const held: Memory<V>['held'] = (key) => {
    const one = all.get(key)
    return one && one.until > clock() ? one.value : undefined
  }
  return {
    held,
    keep,
    forget: (key) => void all.delete(key),
    async of(key, ask) {
      const now = held(key)
      if (now !== undefined) return now
      try {
        const value = await ask()
        keep(key, value)
        return value
      } catch (error) {
        const old = all.get(key)
        if (old) return old.value
        throw error
      }
    },
  }
}
