/** What is looked at to tell whether a connection holds the thing that an effect is about, and how far can that be told? */
import type { Places } from './place.ts'
import type { Effect, KnownConnection } from './port.ts'

/**
 * `named`: it is set to the repository, project, team or channel. `seen`: it has seen it, and is set to no others. `maybe`: nothing says that it is not there. `not`: it is at another server, of
 * another organization, or the connection is set to others alone.
 */
export type Reach = 'named' | 'seen' | 'maybe' | 'not'
/** A connection as it is stored, without secrets. `places`: numbers of the repositories that it has seen. */
export type Reaching = Pick<KnownConnection, 'settings' | 'account'> & { readonly places: Places }
/** What an effect is about. `repos`: those of the workflow. */
export type About = Pick<Effect, 'target' | 'params' | 'repos'>
