/** Which repositories is a connection to GitHub about? Those it lists; those of one owner alone where it is an App's installation. */
import type { ForgeReach } from '../forge-reach.ts'
import type { Reaching } from '../reaching.ts'
import { reposIn } from './fields.ts'
import { forgeOf } from './place.ts'

export const reach = (connection: Reaching): ForgeReach => ({
  forge: forgeOf(connection),
  listed: reposIn(connection.settings),
  owner: connection.account?.owner ?? null,
})
