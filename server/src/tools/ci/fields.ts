/** What is filled in to connect CI: nothing, when it only tells; the forge whose builds it runs, when actions are wanted. */
import type { ConnectField } from '@viewportai/core/tools/port'

const plain = { secret: false, required: false, otherwise: null } as const

export const fields: readonly ConnectField[] = [
  {
    name: 'token',
    title: 'Token of CI',
    says: 'What CI sends with each report. Made for you when you leave it out, and shown once.',
    secret: true,
    required: true,
    otherwise: 'made',
    signs: true,
  },
  {
    ...plain,
    name: 'forge',
    title: 'Forge for actions',
    says: 'github or gitlab: where statuses are reported and builds run again. Left out, CI only tells.',
  },
  {
    ...plain,
    name: 'base',
    title: "Forge's address",
    says: 'https://api.github.com, https://HOST/api/v3 or https://gitlab.com; only together with a forge.',
    host: true,
  },
  {
    ...plain,
    name: 'forge_token',
    title: "Forge's token",
    says: 'One that may write commit statuses and run builds again.',
    secret: true,
  },
]
