/** Which answer does each route give in the story? `STORY=empty` tells the story of a workspace without anything. */
import type { RouteName } from '@viewportai/core/api/routes'
import { logText } from './bodies.ts'
import { cards, closed, itemOf } from './gates.ts'
import { can, jess, minute, now, person } from './people.ts'
import { rows } from './rows.ts'
import { run, timeline } from './run.ts'
import { delivery, item, manual, why, workflow } from './workflows.ts'

export { bodyOf } from './bodies.ts'
export const logOf = (_step: string): string => logText()

type Asked = { params: Record<string, string> }
declare const process: { env: Record<string, string | undefined> }
const empty = process.env['STORY'] === 'empty'
const waiting = rows.filter((row) => row.group === 'waiting')
const runner = (id: string, name: string, pool: string, online: boolean, more: object = {}) => ({
  id,
  name,
  pool,
  online,
  draining: false,
  lastSeen: now - (online ? 0 : 22 * minute),
  pairedAt: now - 30 * 1440 * minute,
  pairedBy: '@dana',
  words: ['copper', 'lantern', 'river'],
  capabilities: { ...can, host: name },
  repositories: ['acme/payments-api', 'acme/runbooks'],
  transport: 'polling',
  noWall: null,
  doubled: null,
  busy: [],
  ...more,
})
const runners = [
  runner('rnr_1', 'payments-vps', 'payments-secure', true, {
    busy: [{ run: 'run_2107', number: 2107, step: 'implement', since: now - 3 * minute }],
  }),
  runner('rnr_3', 'ci-runner-2', 'payments-secure', true, { draining: true }),
  runner('rnr_2', 'acme-mbp', 'support', false, {
    capabilities: {
      ...can,
      host: 'acme-mbp',
      os: 'darwin',
      arch: 'arm64',
      isolation: { ...can.isolation, level: 'none', processes: 'sweep', network: 'open' },
    },
  }),
]

export const answers = {
  me: () => ({
    person: jess,
    workspace: { id: 'ws_1', slug: 'acme', name: 'Acme Co.', sample: false },
    csrf: 'story',
    version: '0.1.0',
  }),
  status: () =>
    empty
      ? { inbox: 0, running: 0, workflows: 0, runnersOnline: 0, slots: 0, slotsFree: 0, at: Date.now() }
      : { inbox: cards.length, running: 3, workflows: 6, runnersOnline: 2, slots: 8, slotsFree: 5, at: Date.now() },
  people: () => ({
    people: [jess, person('dana', 'Dana', ['payments']), person('sam', 'Sam', ['payments'])],
    teams: [],
  }),
  inbox: () => ({
    open: empty ? [] : cards.map(itemOf),
    total: empty ? 0 : cards.length,
    decided: empty ? [] : closed.map(itemOf),
    older: null,
  }),
  gate: ({ params }: Asked) => [...cards, ...closed].find((card) => card.gate === params['gate']) ?? null,
  board: () => ({
    rows: empty ? [] : rows,
    counts: empty
      ? { waiting: 0, running: 0, finished: 0, done: 0, refused: 0, yours: 0 }
      : { waiting: waiting.length, running: 3, finished: 12, done: 11, refused: 1, yours: 5 },
  }),
  runs: () => ({ rows: empty ? [] : rows, older: null }),
  run: () => run,
  timeline: () => ({ items: timeline, last: timeline.length }),
  facts: () => ({
    facts: timeline.map((told, at) => ({
      seq: told.seq,
      text: JSON.stringify({ v: 1, run: 'run_2107', seq: told.seq, type: 'gate.opened' }),
      hash: String(at).padStart(64, 'e'),
    })),
  }),
  workflows: () => ({ workflows: empty ? [] : [item, manual] }),
  workflow: ({ params }: Asked) => (params['workflow'] === 'docs-refresh' ? { ...workflow, ...manual } : workflow),
  checkWorkflow: () => ({ ok: true, errors: [], digest: item.digest, summary: [], missing: item.missing }),
  repositories: () => ({
    repositories: ['acme/payments-api', 'acme/runbooks', 'acme/support-console'].map((name, at) => ({
      id: `repo_${at}`,
      name,
      url: `https://git.acme.example/${name}.git`,
      defaultBranch: 'main',
    })),
  }),
  runners: () =>
    empty
      ? { runners: [], pools: [] }
      : {
          runners,
          pools: [
            { name: 'payments-secure', runners: 2, slots: 8, free: 5 },
            { name: 'support', runners: 1, slots: 4, free: 0 },
          ],
        },
  findPairing: () => ({
    id: 'pair_1',
    name: 'payments-vps',
    pool: 'payments-secure',
    words: ['copper', 'lantern', 'river'],
    address: '10.4.0.17',
    capabilities: can,
    expiresAt: now + 8 * minute,
  }),
  sources: () => ({
    sources: empty
      ? []
      : [
          {
            id: 'src_1',
            name: 'ticket system',
            url: 'http://127.0.0.1:7171/hooks/src_1',
            kind: 'webhook',
            createdAt: now,
            lastAt: now - 42 * minute,
            accounts: null,
            oldSecrets: [{ since: now - 30 * minute, until: now + 1_410 * minute, lastAt: now - 12 * minute }],
          },
        ],
  }),
  addSource: () => ({
    source: {
      id: 'src_2',
      name: 'ci',
      url: 'http://127.0.0.1:7171/hooks/src_2',
      kind: 'webhook',
      createdAt: now,
      lastAt: null,
      accounts: [],
      oldSecrets: [],
    },
    secret: 'whsec_c3RvcnkgaXMgbm90IGEgc2VjcmV0IQ==',
  }),
  deliveries: () => ({
    deliveries: empty
      ? []
      : [
          delivery,
          {
            ...delivery,
            id: 'dlv_2',
            title: 'CI #5521 failed',
            tool: 'webhook',
            event: 'failed',
            actor: 'ci',
            verdict: 'no workflow matched',
            matched: 0,
            runs: [],
            repeats: 2,
            at: now - 75 * minute,
          },
          {
            ...delivery,
            id: 'dlv_3',
            title: 'hello',
            verdict: 'refused: the signature does not fit',
            state: 'refused',
            matched: 0,
            runs: [],
            at: now - 90 * minute,
          },
        ],
    older: null,
  }),
  delivery: () => why,
} satisfies Partial<Record<RouteName, (asked: Asked) => unknown>>
