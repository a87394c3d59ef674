/** Who is in the story. */
import type { Capabilities } from '@viewportai/core/wire/messages'

/** The clock of the story: 14:32 on 12 November 2026, moved to now so that ages read as written. */
export const now = Date.now()
export const minute = 60_000
export const person = (id: string, name: string, teams: string[], role: 'admin' | 'member' = 'member') => ({
  id: `usr_${id}`,
  handle: id,
  name,
  email: null,
  role,
  teams,
  active: true,
})
export const jess = person('jess', 'Jess', ['payments'], 'admin')

const agent = (name: string, version: string): Capabilities['agents'][number] => ({
  name,
  version,
  path: `/usr/local/bin/${name}`,
  usable: true,
  tested: true,
  modes: ['plan', 'read', 'edit', 'review'],
  note: null,
})
export const can: Capabilities = {
  vpd: '0.1.0',
  os: 'linux',
  arch: 'x64',
  host: 'payments-vps',
  agents: [
    agent('claude', '2.3.1'),
    agent('codex', '0.58.0'),
    { ...agent('gemini', '1.2.0'), usable: false, note: 'not signed in on this machine' },
  ],
  tools: [
    { name: 'git', version: '2.47.1' },
    { name: 'node', version: '24.21.0' },
    { name: 'php', version: '8.4.2' },
  ],
  isolation: { level: 'sandbox', processes: 'pid-namespace', modelGateway: true, gitGateway: true, network: 'none' },
  slots: 4,
  labels: [],
  mode: 'persistent',
  transport: 'polling',
}
