/** Which projects is a connection to GitLab about? Those it lists. */
import type { ForgeReach } from '../forge-reach.ts'
import type { Reaching } from '../reaching.ts'
import { projectsIn } from './fields.ts'
import { forgeOf } from './place.ts'

export const reach = (connection: Reaching): ForgeReach => ({
  forge: forgeOf(connection),
  listed: projectsIn(connection.settings),
  owner: null,
})
