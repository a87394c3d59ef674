/**
 * What do the `{{ path }}` places of a text stand for?
 * Looks values up and quotes them as data; nothing is evaluated. A path has names and dots, no more.
 */
import { isKey, plainLine, withoutKeys } from '../policy/plain-line.ts'
import { revealed } from '../policy/hidden.ts'

/** A place in a text: offsets of the whole `{{ … }}`, and its path. */
export type Place = { from: number; to: number; path: string[] }
export type TemplateFault = { from: number; to: number; why: string }

/** Where a value may come from. Everything of `trigger` and `inputs` is from outside; `steps` is what agents wrote. */
export const roots = ['trigger', 'inputs', 'steps', 'actions', 'run'] as const
/** Names below `run`. */
export const runNames = ['id', 'title', 'url', 'branch', 'workflow', 'source'] as const
/** Names below `trigger` that every event has, besides its fields. */
export const eventNames = ['id', 'tool', 'event', 'actor', 'label', 'title', 'text', 'url'] as const

const pathForm = /^[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z0-9_][A-Za-z0-9_-]*)*$/

/** The places of a text and what is wrong with those that are none. */
export const parseTemplate = (text: string): { places: Place[]; faults: TemplateFault[] } => {
  const places: Place[] = []
  const faults: TemplateFault[] = []
  for (let from = text.indexOf('{{'); from >= 0;) {
    const end = text.indexOf('}}', from)
    if (end < 0) {
      faults.push({ from, to: text.length, why: '`{{` is not closed by `}}`' })
      break
    }
    const inner = text.slice(from + 2, end)
    const path = inner.trim()
    if (pathForm.test(path) && path.length <= 200) places.push({ from, to: end + 2, path: path.split('.') })
    else
      faults.push({
        from,
        to: end + 2,
        why:
          path === ''
            ? 'there is no path between `{{` and `}}`'
            : `\`${path.slice(0, 40)}\` is not a path; only names and dots stand here`,
      })
    from = text.indexOf('{{', end + 2)
  }
  return { places, faults }
}

export type TemplateValue = string | number | boolean | null | readonly (string | number)[]
/** What the places are filled from. `actions` by action name: {"github.open_pr": {url}}; `steps` by step: {"review": {text}}. */
export type TemplateValues = {
  trigger: Readonly<Record<string, TemplateValue>>
  inputs: Readonly<Record<string, TemplateValue>>
  steps: Readonly<Record<string, Readonly<Record<string, TemplateValue>>>>
  actions: Readonly<Record<string, Readonly<Record<string, TemplateValue>>>>
  run: Readonly<Record<string, TemplateValue>>
}
/** Where the text goes: a prompt, a line (title), markdown on a forge, Slack, or a key that only machines compare. */
export type Quote = 'prompt' | 'line' | 'markdown' | 'slack' | 'key'

/** The text with its places filled; `missing` lists the paths that have no value (they become nothing, in a prompt `null`). Never throws. */
export const renderTemplate = (
  text: string,
  values: TemplateValues,
  quote: Quote = 'prompt',
): { text: string; missing: string[] } => {
  const missing: string[] = []
  let out = ''
  let last = 0
  for (const { from, to, path } of parseTemplate(text).places) {
    const value = lookUp(path, values)
    if (value === undefined || value === null || value === '') missing.push(path.join('.'))
    const ours = (path[0] === 'actions' || (path[0] === 'run' && ourNames.has(path[1]!))) && isInert(value)
    const filled =
      (ours && quote !== 'key') || (quote === 'line' && isOwnKey(path, value))
        ? String(value)
        : path[0] === 'steps'
          ? agentWords(value ?? null, quote)
          : quoted(value ?? null, quote)
    out += text.slice(last, from) + filled
    last = to
  }
  return { text: out + text.slice(last), missing }
}

const own = (record: Readonly<Record<string, TemplateValue>> | undefined, name: string): TemplateValue | undefined =>
  record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined

const lookUp = ([root, ...rest]: string[], values: TemplateValues): TemplateValue | undefined => {
  const name = rest.join('.')
  switch (root) {
    case 'trigger':
      return own(values.trigger, name) ?? own(values.inputs, name) // a manual start's inputs are its event
    case 'inputs':
      return own(values.inputs, name)
    case 'run':
      return own(values.run, name)
    case 'steps':
      return rest.length === 2 && Object.hasOwn(values.steps, rest[0]!)
        ? own(values.steps[rest[0]!], rest[1]!)
        : undefined
    case 'actions': {
      const action = rest.slice(0, 2).join('.')
      return rest.length === 3 && Object.hasOwn(values.actions, action)
        ? own(values.actions[action], rest[2]!)
        : undefined
    }
    default:
      return undefined
  }
}

/** Below `run`, what we made ourselves; title and source come from the event. */
const ourNames = new Set(['id', 'url', 'branch', 'workflow'])

/** The ticket that the event is about, where the workflow names it: a link to it is what was asked for. In any other text a key may be anybody's. */
const isOwnKey = (path: readonly string[], value: TemplateValue | undefined): boolean =>
  ['trigger.label', 'trigger.key', 'run.source'].includes(path.join('.')) && typeof value === 'string' && isKey(value)

/** Numbers, and addresses, paths and names of our own making that hold nothing any reader could take for markup. */
const isInert = (value: TemplateValue | undefined): boolean =>
  typeof value === 'number' ||
  (typeof value === 'string' &&
    value.length <= 500 &&
    /^((https?:\/\/[A-Za-z0-9.-]+(:\d{1,5})?(\/[A-Za-z0-9._~/-]*)?|\/(?!\/)[A-Za-z0-9._~/-]*)([?#][A-Za-z0-9._~=&/-]*)?|[A-Za-z0-9][A-Za-z0-9._/-]*)$/.test(
      value,
    ))

const most = { prompt: 20_000, line: 200, markdown: 2_000, slack: 1_000, key: 500 } as const

const quoted = (value: TemplateValue, quote: Quote): string => {
  const flat = Array.isArray(value) ? value.join(', ') : String(value ?? '')
  const seen = revealed(flat.toWellFormed())
  const cut = seen.length > most[quote] ? `${seen.slice(0, most[quote]).toWellFormed()}…` : seen
  const line = cut.replace(/\s+/g, ' ').trim()
  switch (quote) {
    case 'prompt':
      return value === null
        ? 'null'
        : typeof value === 'number' || typeof value === 'boolean'
          ? String(value)
          : JSON.stringify(cut)
    case 'key':
      return JSON.stringify(value)
    case 'line':
      return plainLine(line)
    case 'markdown':
      return line === '' ? '' : fenced(markless(line))
    // In a code span Slack makes no link, no mention and no format.
    case 'slack':
      return line === ''
        ? ''
        : `\`${line.replaceAll('`', "'").replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}\``
  }
}

/**
 * What an agent wrote, for people outside: its lines as a block quote, so that everybody sees whose words they are. Nothing in it
 * mentions, links by itself, closes an issue, commands a bot, loads a picture or hides: each such sign loses its hold.
 */
const agentWords = (value: TemplateValue, quote: Quote): string => {
  if (typeof value !== 'string' || (quote !== 'markdown' && quote !== 'slack')) return quoted(value, quote)
  const seen = revealed(value.toWellFormed()).trim()
  const cut = seen.length > mostWords[quote] ? `${seen.slice(0, mostWords[quote]).toWellFormed()}…` : seen
  if (cut === '') return ''
  const lines = cut.split(/\r\n?|\n/).map((line) => (quote === 'slack' ? slackLine(line) : markdownLine(line)))
  return `\n\n${lines.map((line) => `> ${line}`.trimEnd()).join('\n')}\n\n`
}

const mostWords = { markdown: 16_000, slack: 2_500 } as const

/**
 * A blank behind each sign that would begin something: a tag, an entity, a link or picture, a mention, a number of an issue, a ticket, a command,
 * an address. It holds in prose and in code alike, so no parser of markdown has to be right about where code begins.
 */
const markdownLine = (line: string): string =>
  withoutKeys(markless(line))
    .replace(/<(?=[\w/!?])/g, '< ')
    .replace(/&(?=[#\w])/g, '& ')
    .replace(/\](?=[([:])/g, '] ')
    .replace(/(\[|\*\*\*)(?=(?:skip|no|ci|[\w-]{1,40}[ -]skip)(?![A-Za-z]))/gi, '$1 ') // a squash may make it the commit's message
    .replace(/@(?=\w)/g, '@ ')
    .replace(/([#!])(?=\d)/g, '$1 ')
    .replace(/\b(GH|GL)-(?=\d)/gi, '$& ')
    .replace(/\bwww\.(?=\w)/gi, 'www .')
    .replace(/^(\s*)\/(?=\w)/, '$1/ ')
    .replaceAll('://', ': //')

/**
 * By marks in its own texts the product finds again what it wrote (core/tools/hidden-marker.ts, link-marker.ts): no word from outside
 * may look like one, even where nobody would take it for one.
 */
const ourMark = /(<(?=!--)|#(?=int_))/g
const markless = (line: string): string => line.replace(ourMark, '$1 ')

/** In Slack `<` opens links and mentions, and `&` entities. */
const slackLine = (line: string): string =>
  line
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/@(?=\w)/g, '@ ')
    .replaceAll('://', ': //')

/** A code span with a fence longer than any run of backticks inside (CommonMark 6.1): nothing in it is markup, a mention or a link. */
const fenced = (line: string): string => {
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence} ${line} ${fence}`
}
