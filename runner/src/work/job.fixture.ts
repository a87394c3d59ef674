/** Jobs as the control plane would send them, on a real repository. */
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AgentJob, ChecksJob } from '@viewportai/core/wire/job'
import type { Files, TestRemote } from '../git/remote.fixture.ts'

const examples = fileURLToPath(new URL('../../../examples/', import.meta.url))

/** The sample repository's files. */
export const sampleFiles = async (): Promise<Files> => {
  const root = path.join(examples, 'sample-repo')
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name))
  return Object.fromEntries(
    await Promise.all(files.map(async (file) => [path.relative(root, file), await readFile(file)] as const)),
  )
}
const limits = { seconds: 60, tokens: null, usdMicros: null }
export const branch = 'refs/heads/vp/bug-1-3f9c52'

const repos = (remote: TestRemote, commit: string | null): AgentJob['repos'] => [
  {
    name: 'acme/shop',
    url: remote.url,
    ref: 'refs/heads/main',
    commit,
    use: { name: 'acme/shop', ref: null, access: 'write', write: ['**'], protect: [] },
  },
]

export const agentJob = (remote: TestRemote, also: Partial<AgentJob> = {}): AgentJob => ({
  kind: 'agent',
  mode: 'plan',
  agent: 'sample',
  title: 'Three mugs cost one cent too much',
  prompt: null,
  event: {
    tool: 'webhook',
    event: 'issue',
    id: '1',
    at: 1,
    actor: { id: 'x:1', name: 'Mo', trust: 'outsider', person: null, teams: [] },
    subject: { label: 'BUG-1', title: 'Three mugs cost one cent too much', url: null },
    fields: {},
    text: 'Three mugs with 10 % off cost 9.00 and not 8.99.',
    outsideText: true,
  },
  inputs: {},
  repos: repos(remote, null),
  start: null,
  plan: null,
  feedback: [],
  resume: null,
  context: [
    { kind: 'name', name: 'pricing.rules' },
    { kind: 'name', name: 'checkout.runbook' },
  ],
  contextTokens: 8_000,
  commands: { allow: [], ask: [], deny: [] },
  branch,
  limits,
  ...also,
})

export const checksJob = (remote: TestRemote, also: Partial<ChecksJob> = {}): ChecksJob => ({
  kind: 'checks',
  round: 1,
  commands: null,
  repos: repos(remote, null),
  change: null,
  baseline: true,
  limits,
  ...also,
})
