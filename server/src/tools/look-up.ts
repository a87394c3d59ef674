/**
 * Are the channels, teams, projects and repositories there that somebody named?
 * The tools are asked, for a moment; what they do not show is told with the name that comes nearest, and what nobody could look at is told as such. It refuses nothing and changes nothing.
 */
import { tools as forms } from '@viewportai/core/event/tools'
import type { Outside } from '@viewportai/core/tools/outside'
import type { PlaceSaid } from '@viewportai/core/workflow/places-said'
import { plain } from '../database/plain.ts'
import { opened, type ConnectionRow } from './connections.ts'
import type { Connection, LookedUp, LookUp } from './port.ts'
import { toolNamed } from './table.ts'
import { withoutSecrets } from './without-secrets.ts'

/** So long (ms) a tool has for its answers; whoever saved something waits for it. */
const waitMillis = 5_000
/** So many names of a tool are looked up at once. */
export const namesAtMost = 40

type Way = { readonly key: Uint8Array; readonly workspace: string; readonly outside: Outside; readonly waits?: number }

/** What a connection says of each name. Never throws. */
export const lookUpAt = async (
  tool: LookUp,
  connection: Omit<Connection, 'account'>,
  names: readonly string[],
  outside: Outside,
  waits = waitMillis,
): Promise<readonly LookedUp[]> => {
  const some = names.slice(0, namesAtMost)
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, no) => {
    timer = setTimeout(() => no(new Error(`it did not answer within ${waits / 1_000} s`)), waits).unref()
  })
  try {
    const found = await Promise.race([tool.names(some, connection, outside), late])
    // What a tool calls its things is its own text as well.
    const told = (text: string): string => plain(withoutSecrets(text, connection.secrets)).slice(0, 300)
    const shown = found.map((one): LookedUp => {
      if ('called' in one) return { called: told(one.called), also: one.also }
      return 'near' in one && one.near !== null ? { near: told(one.near) } : one
    })
    return names.map((_, at) => shown[at] ?? { unasked: `more than ${namesAtMost} names are not looked up at once` })
  } catch (error) {
    const why = plain(withoutSecrets((error as Error).message, connection.secrets))
      .slice(0, 300)
      .replace(/\.$/, '')
    return names.map(() => ({ unasked: why }))
  } finally {
    clearTimeout(timer)
  }
}

/** What is to be said of the names in a workflow, in sentences. A tool that is not connected is missing altogether, which readiness says. */
export const notesOnPlaces = async (
  said: readonly PlaceSaid[],
  connections: readonly ConnectionRow[],
  way: Way,
): Promise<string[]> => {
  const tools = [...new Set(said.map(({ tool }) => tool))]
  const notes = await Promise.all(
    tools.map((tool) =>
      notesOfTool(
        tool,
        said.filter((one) => one.tool === tool),
        connections.filter((one) => one.tool === tool),
        way,
      ),
    ),
  )
  return notes.flat()
}

const notesOfTool = async (
  tool: string,
  said: readonly PlaceSaid[],
  rows: readonly ConnectionRow[],
  { key, workspace, outside, waits }: Way,
): Promise<string[]> => {
  const lookUp = toolNamed(tool)?.lookUp
  if (lookUp === undefined || rows.length === 0) return []
  const names = [...new Set(said.map(({ name }) => name))]
  const answers = await Promise.all(
    rows.map(async (row): Promise<readonly LookedUp[]> =>
      row.held
        ? names.map(() => ({ unasked: `a runner holds the credential of ${row.name}` }))
        : lookUpAt(lookUp, opened(key, workspace, row), names, outside, waits),
    ),
  )
  const title = titleOf(tool)
  const of = new Map(names.map((name, at) => [name, together(answers.map((one) => one[at]!))]))
  const wrong = said.flatMap((one) => sentence(one, of.get(one.name)!, title, lookUp))
  return [...wrong, ...unaskedNote(title, lookUp, [...of])]
}

/** Of several connections: one that shows it is enough, and one that was not asked may be the one. */
const together = (answers: readonly LookedUp[]): LookedUp =>
  answers.find((one) => 'called' in one) ??
  answers.find((one) => 'unasked' in one) ??
  answers.find((one) => 'near' in one && one.near !== null) ??
  answers[0]!

const titleOf = (tool: string): string => forms[tool]?.title ?? tool

const sentence = ({ name, as, field, where }: PlaceSaid, known: LookedUp, title: string, lookUp: LookUp): string[] => {
  if ('unasked' in known) return []
  if ('near' in known) return [`${where}: ${noneSuch(name, known.near, title, lookUp)}`]
  const fits = as === 'target' || name === known.called || (field === 'channel_id' && known.also.includes(name))
  return fits
    ? []
    : [
        `${where} says ${name}, and events of ${title} call that ${lookUp.what} ${known.called}: as it is written, none of them fits. Write ${known.called}.`,
      ]
}

/** A name that is not shown, in words. */
export const noneSuch = (name: string, near: string | null, title: string, { what, hidden }: LookUp): string =>
  `${title} shows no ${what} ${name}.${near === null ? '' : ` Is ${near} meant?`} ${hidden}`

/** What was not looked at, with why, once for each reason. */
export const unaskedNote = (
  title: string,
  { what }: LookUp,
  answers: readonly (readonly [name: string, known: LookedUp])[],
): string[] => {
  const unasked = answers.flatMap(([name, known]) => ('unasked' in known ? [{ name, why: known.unasked }] : []))
  return [...new Set(unasked.map(({ why }) => why))].map(
    (why) =>
      `Whether ${title} has the ${what} ${unasked
        .filter((one) => one.why === why)
        .slice(0, 10)
        .map(({ name }) => name)
        .join(', ')} was not looked at: ${why}.`,
  )
}
