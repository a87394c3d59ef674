/** Which repositories did a connection see, by the numbers that stay? The first number under a name is kept; `core/src/tools/place.ts` says what follows. */
import { placeSettings, type Place } from '@viewportai/core/tools/place'
import type { Tx } from '../database/tenant.ts'
import type { ConnectionRow } from './connections.ts'
import type { Connection } from './port.ts'

/** Of a whole organisation's webhooks so many are kept. */
const atMost = 5_000

/** Its settings, with what it knows of them: as an opened connection carries them, and a runner is told. */
export const settingsThere = ({
  settings,
  places,
}: Pick<ConnectionRow, 'settings' | 'places'>): Record<string, string> => ({ ...settings, ...placeSettings(places) })

/** An opened connection that knows them. */
export const withPlaces = (connection: Connection, row: Pick<ConnectionRow, 'settings' | 'places'>): Connection => ({
  ...connection,
  settings: settingsThere(row),
})

/** Keeps what was seen for the first time. */
export const keepPlaces = async (tx: Tx, connection: string, seen: readonly Place[]): Promise<void> => {
  for (const { name, number } of seen)
    await tx.query(
      {
        name: 'place keep',
        text: `update vp.connections set places = places || jsonb_build_object($3::text, $4::text)
          where workspace = $1 and connection = $2 and not places ? $3 and (select count(*) from jsonb_object_keys(places)) < ${atMost}`,
      },
      [tx.workspace, connection, name.toLowerCase(), number],
    )
}
