/** Somebody pressed a button of ours at a tool: what it does is done, and they alone see or hear what came of it. */
import type { Database } from '../database/open.ts'
import type { Outside } from '@viewportai/core/tools/outside'
import type { Click, Connection } from '../tools/port.ts'
import { toolNamed } from '../tools/table.ts'
import { pressed } from './click.ts'

export const answerClick = async (
  { db, outside, address }: { readonly db: Database; readonly outside: Outside; readonly address: () => string },
  { workspace, kind }: { readonly workspace: string; readonly kind: string },
  click: Click,
  connection: Connection | null,
): Promise<void> => {
  const tool = toolNamed(kind)
  const came = await pressed(db, { workspace, tool: kind, address }, click)
  if (came === null || !connection) return
  const words = typeof came === 'string' ? came : await tool?.show?.(click, came, connection, outside)
  if (typeof words === 'string') await tool?.whisper?.(click, words, connection, outside)
}
