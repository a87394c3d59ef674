// Does a name say what a thing is, or is it one of the words that fit anything?

const EMPTY_WORDS = [
  'Manager',
  'Service',
  'Helper',
  'Util',
  'Handler',
  'Base',
  'Impl',
  'System',
  'Processor',
  'Data',
  'Info',
]
const DRAWERS = ['utils', 'helpers', 'common', 'misc', 'shared', 'lib']

/** The empty word in an exported name, if it has one: `RunManager` has, `database` and `dataFolder` have not. */
export function emptyWordIn(identifier: string): string | undefined {
  const words = identifier.match(/[A-Z]+(?![a-z])|[A-Z][a-z0-9]*/g) ?? []
  return words.map((word) => word.replace(/s$/, '')).find((word) => EMPTY_WORDS.includes(word))
}

/** What is wrong with a file's path, if anything: its last word is empty, or a part of it is a drawer for anything. */
export function emptyPath(path: string): string | undefined {
  const parts = path.replace(/(\.test)?\.\w+$/, '').split('/')
  const drawer = parts.find((part) => DRAWERS.includes(part))
  if (drawer !== undefined) return `"${drawer}" is a drawer: say what is in it`
  const last = parts.at(-1)?.split(/[-.]/).at(-1) ?? ''
  const empty =
    EMPTY_WORDS.find((word) => [word.toLowerCase(), `${word.toLowerCase()}s`].includes(last.toLowerCase())) ??
    emptyWordIn(parts.at(-1) ?? '')
  return empty === undefined ? undefined : `"${empty}" says nothing: name the question the file answers`
}
