/** What is filled in to connect Linear, and which teams does that mean? */
import type { ConnectField, Connection } from '../port.ts'

const plain = { secret: false, required: false, otherwise: null } as const

export const fields: readonly ConnectField[] = [
  {
    ...plain,
    name: 'key',
    title: 'API key',
    says: 'In Linear: Settings, Security & access, Personal API keys; best of an account that only Viewport uses.',
    secret: true,
    required: true,
  },
  {
    ...plain,
    name: 'signing',
    title: 'Signing secret of the webhook',
    says: 'Linear shows it when the webhook is made (lin_wh_…). Leave it out when Linear cannot reach this server: it is asked regularly.',
    secret: true,
    signs: true,
  },
  {
    ...plain,
    name: 'teams',
    title: 'Teams',
    says: 'Names or keys, separated by commas: only these are asked about and written to. All that the key may see when left out.',
  },
  {
    ...plain,
    name: 'base',
    title: 'Address of the API',
    says: 'Only to be changed for tests.',
    required: true,
    otherwise: 'https://api.linear.app',
    host: true,
  },
]

/** Names or keys of teams; none: all of them. */
export const teamsIn = ({ settings }: Pick<Connection, 'settings'>): string[] => [
  ...new Set(
    (settings['teams'] ?? '')
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
  ),
]

/** Is this team one that the connection is about? */
export const isOurTeam = (
  connection: Pick<Connection, 'settings'>,
  team: { readonly key: string; readonly name: string },
): boolean => {
  const named = teamsIn(connection).map((name) => name.toLowerCase())
  return named.length === 0 || named.includes(team.key.toLowerCase()) || named.includes(team.name.toLowerCase())
}
