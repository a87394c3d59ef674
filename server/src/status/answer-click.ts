/** Somebody pressed a button of ours at a tool: what it does is done, and they alone hear what came of it. */
import type { Database } from '../database/open.ts'
import type { Outside } from '@viewportai/core/tools/outside'
import type { Click, Connection } from '../tools/port.ts'
import { toolNamed } from '../tools/table.ts'
import { pressed } from './click.ts'

export const answerClick = async (
  { db, outside }: { readonly db: Database; readonly outside: Outside },
  { workspace, kind }: { readonly workspace: string; readonly kind: string },
  click: Click,
  connection: Connection | null,
): Promise<void> => {
  const words = await pressed(db, { workspace, tool: kind }, click)
  if (words !== null && connection) await toolNamed(kind)?.whisper?.(click, words, connection, outside)
}
