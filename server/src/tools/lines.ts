/**
 * How does news come over connections that we open, where no webhook reaches us?
 * Every process that works keeps one line per connection that wants one: the tool gives each message to one of them, and a message that
 * came by several ways is stored once. How one of them is kept: one-line.ts.
 */
import type { LineOptions } from './line-options.ts'
import { keepOne, type Wanting } from './one-line.ts'
import { toolNamed, toolNames } from './table.ts'

type Held = { readonly settingsAt: number; close(): void }

/** Lines in one process at most. */
const linesAtMost = 500
const lookMillis = 3_000

/** Begins to keep lines; `close` ends them all. */
export const keepLines = (options: LineOptions): { close(): Promise<void> } => {
  const { db, log } = options
  const held = new Map<string, Held>()
  let closed = false
  let timer: NodeJS.Timeout | undefined
  const tools = toolNames.filter((name) => toolNamed(name)!.line !== undefined)

  const look = async (): Promise<void> => {
    const { rows } = await db.app.query<Wanting>({
      name: 'connections of tools',
      text: 'select workspace, connection, tool, settings_at from vp.connections_of_tools($1, $2)',
      values: [tools, linesAtMost],
    })
    if (closed) return
    const there = new Map(rows.map((row) => [row.connection, row]))
    for (const [id, one] of held)
      if (there.get(id)?.settings_at !== one.settingsAt) {
        one.close()
        held.delete(id)
      }
    for (const row of rows)
      if (!held.has(row.connection))
        held.set(row.connection, { settingsAt: row.settings_at, close: keepOne(options, row) })
  }
  let looking = Promise.resolve()
  const again = (): void => {
    looking = look()
      .catch((error: Error) => log.warn({ err: error }, 'Connections with a line could not be read.'))
      .finally(() => {
        if (!closed) timer = setTimeout(again, lookMillis).unref()
      })
  }
  again()
  return {
    async close() {
      closed = true
      clearTimeout(timer)
      await looking
      for (const one of held.values()) one.close()
    },
  }
}
