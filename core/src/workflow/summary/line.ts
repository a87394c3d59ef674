/** One sentence of a summary, and whether it is what holds when nothing is said. `about`: the step it is about; sentences that differ in nothing else are one. */
export type Line = { text: string; default: boolean; about?: string }

export const line = (text: string, isDefault = false): Line => ({ text, default: isDefault })
export const lineAbout = (about: string, text: string, isDefault = false): Line => ({ text, default: isDefault, about })

/** Equal sentences about several steps become one, where the first stood. */
export const merged = (lines: readonly Line[]): { text: string; default: boolean }[] => {
  const held = new Map<string, { line: Line; about: string[] }>()
  for (const each of lines) {
    const key = `${each.default} ${each.text}`
    const known = held.get(key)
    if (known) known.about.push(...(each.about === undefined ? [] : [each.about]))
    else held.set(key, { line: each, about: each.about === undefined ? [] : [each.about] })
  }
  return [...held.values()].map(({ line: { text, default: isDefault }, about }) => ({
    text: about.length === 0 ? text : `${[...new Set(about)].join(', ')}: ${text}`,
    default: isDefault,
  }))
}

/** The same members in any order? */
export const sameList = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((member) => b.includes(member))

/** `a`, `a or b`, `a, b or c`. */
export const either = (words: readonly string[], last = 'or'): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`
