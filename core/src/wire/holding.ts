/**
 * Which credential of a tool does a runner hold, and is it the one that an effect needs?
 * It tells where the secret may be sent and what it may be used for, never the secret.
 */
import { trimmedEnd } from '../trimmed.ts'
import { URL } from '../tools/url.ts'
import { z } from 'zod'
import { metadata, paths } from './level.ts'

export const Holding = z.strictObject({
  tool: metadata(z.string().max(40)),
  /** The connection that it is for; null: any to this tool at this address. */
  connection: metadata(z.string().max(40)).nullable(),
  /** The address that it is sent to, and no other. */
  at: paths(z.string().max(500)),
  /** Actions by name, or `TOOL.*` for all of the tool. */
  actions: z.array(metadata(z.string().max(80))).max(50),
  /** What this version of vpd can be sent to do with it, beside effects (errand.ts); absent: nothing. */
  errands: z
    .array(metadata(z.string().max(40)))
    .max(20)
    .optional(),
  /** Who the tool says it is; null: nobody can be asked. */
  account: z
    .strictObject({
      id: metadata(z.string().max(200)),
      name: metadata(z.string().max(200)),
      app: metadata(z.string().max(100)).optional(),
      site: paths(z.string().max(300)).optional(),
    })
    .nullable(),
})
export type Holding = z.infer<typeof Holding>

/** What an effect needs: a credential for this connection, at this address, that may be used for this action. */
export type Needed = Pick<Holding, 'tool' | 'at'> & { readonly connection: string; readonly action: string }

/** An address as two that mean the same are written: without capitals in its host, the port that goes without saying, and a slash at its end. */
export const placeOf = (address: string): string => {
  const said = address.trim()
  return trimmedEnd(URL.canParse(said) ? new URL(said).href : said, '/')
}

/** The credential that is used, the one kept for the connection first; or why there is none, as what is missing. `action` null: whatever it may be used for. */
export const chosen = <H extends Omit<Holding, 'account'>>(
  holds: readonly H[],
  { tool, connection, at, action }: Omit<Needed, 'action'> & { readonly action: string | null },
): H | { readonly lacks: string } => {
  const ofTool = holds.filter(
    (one) =>
      one.tool === tool &&
      (one.connection === null || one.connection === connection) &&
      placeOf(one.at) === placeOf(at),
  )
  const one = ofTool.find((own) => own.connection !== null) ?? ofTool[0]
  const name = `a credential for ${tool}${tool === 'webhook' ? ` ${connection}` : ''} at ${placeOf(at)}`
  if (!one) return { lacks: name }
  return action === null || isFor(one, action) ? one : { lacks: `${name} that may be used for ${action}` }
}

/** May it be used for this action? */
export const isFor = ({ actions, tool }: Pick<Holding, 'actions' | 'tool'>, action: string): boolean =>
  actions.some((one) => one === action || (one === `${tool}.*` && action.startsWith(`${tool}.`)))

const word = 'credential:'

/** What an effect needs, as a word that work asks of runners. */
export const neededWord = ({ tool, connection, at, action }: Needed): string =>
  `${word}${JSON.stringify([tool, connection, at, action])}`

/** Reads such a word; null: it is another. */
export const neededIn = (text: string): Needed | null => {
  if (!text.startsWith(word)) return null
  const [tool, connection, at, action] = JSON.parse(text.slice(word.length)) as [string, string, string, string]
  return { tool, connection, at, action }
}
