/**
 * What does a simple file of TOML say?
 * Tables, keys, strings on one line, numbers, booleans, lists and inline tables: what the settings of an agent are written in. Anything else (texts over
 * several lines, dates, lists of tables) is not guessed at: the whole file is refused, with the line.
 */

/** A value of it. */
export type Toml = string | number | boolean | Toml[] | { [key: string]: Toml }

/** The file holds what is not read here. */
export class TomlUnread extends Error {
  override readonly name = 'TomlUnread'
  constructor(line: number) {
    super(`line ${line} is written in a way that vpd does not read`)
  }
}

/** Reads a file. Throws TomlUnread. */
export const readToml = (text: string): { [key: string]: Toml } => {
  const root = table()
  let into = root
  const at = { text: text.replaceAll('\r\n', '\n'), place: 0 }
  const no = (): never => {
    throw new TomlUnread(at.text.slice(0, at.place).split('\n').length)
  }
  const take = (form: RegExp): string | null => {
    form.lastIndex = at.place
    const found = form.exec(at.text)?.[0] ?? null
    at.place += found?.length ?? 0
    return found
  }
  const must = (form: RegExp): string => take(form) ?? no()
  const path = (): string[] => {
    const keys = [key()]
    while (take(/[ \t]*\.[ \t]*/y) !== null) keys.push(key())
    return keys
  }
  const key = (): string => take(/[A-Za-z0-9_-]+/y) ?? quoted() ?? no()
  const quoted = (): string | null => {
    if (/^("""|''')/.test(at.text.slice(at.place, at.place + 3))) return no()
    const literal = take(/'[^'\n]*'/y)
    if (literal !== null) return literal.slice(1, -1)
    const basic = take(/"(?:[^"\\\n]|\\.)*"/y)
    if (basic === null) return null
    try {
      return JSON.parse(basic) as string // its escapes are those of JSON, but for \U and \e
    } catch {
      return no()
    }
  }
  const value = (): Toml => {
    const text = quoted()
    if (text !== null) return text
    const word = take(/(true|false)\b/y)
    if (word !== null) return word === 'true'
    const number = take(/[+-]?\d+(\.\d+)?(?![\w:.+-])/y)
    if (number !== null) return Number(number)
    if (take(/\[/y) !== null) return list()
    if (take(/\{/y) !== null) return inline()
    return no()
  }
  const gap = /(?:[ \t\n]|#[^\n]*)*/y
  const list = (): Toml[] => {
    const found: Toml[] = []
    for (take(gap); take(/\]/y) === null; take(gap)) {
      found.push(value())
      take(gap)
      if (take(/,/y) === null) {
        must(/\]/y)
        break
      }
    }
    return found
  }
  const inline = (): { [key: string]: Toml } => {
    const found = table()
    for (take(/[ \t]*/y); take(/\}/y) === null; take(/[ \t]*/y)) {
      pair(found)
      take(/[ \t]*/y)
      if (take(/,/y) === null) {
        must(/\}/y)
        break
      }
    }
    return found
  }
  const pair = (to: { [key: string]: Toml }): void => {
    const keys = path()
    must(/[ \t]*=[ \t]*/y)
    const last = keys.pop() ?? no()
    const holder = below(to, keys) ?? no()
    if (Object.hasOwn(holder, last)) no()
    holder[last] = value()
  }
  const seen = new Set<string>()
  while (at.place < at.text.length) {
    if (take(/[ \t\n]+|#[^\n]*/y) !== null) continue
    if (take(/\[(?!\[)[ \t]*/y) !== null) {
      const keys = path()
      must(/[ \t]*\]/y)
      if (seen.has(JSON.stringify(keys))) no()
      seen.add(JSON.stringify(keys))
      into = below(root, keys) ?? no()
    } else pair(into)
    take(/[ \t]*(#[^\n]*)?/y)
    if (at.place < at.text.length) must(/\n/y)
  }
  return root
}

/** A table in which every key is only a key. */
const table = (): { [key: string]: Toml } => Object.create(null) as { [key: string]: Toml }

/** The table below these keys, made where it is not; null when something else is there. */
const below = (from: { [key: string]: Toml }, keys: readonly string[]): { [key: string]: Toml } | null => {
  let at = from
  for (const key of keys) {
    const next = (at[key] ??= table())
    if (typeof next !== 'object' || Array.isArray(next)) return null
    at = next
  }
  return at
}
