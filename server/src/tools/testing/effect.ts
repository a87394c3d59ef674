/** Effects as a broker hands them to actions, each a new one. Only tests import it. */
import type { Effect } from '@viewportai/core/tools/port'

let ordinal = 0

/** A new effect. `more`: what it is about. */
export const testEffect = (more: Partial<Effect> = {}): Effect => ({
  intent: `int_abcdefghjkmnpqrstvwx-${++ordinal}`,
  run: 'run_abcdefghjkmnpqrstvwx',
  target: 'acme/shop',
  params: {},
  change: null,
  commit: null,
  repos: [{ name: 'acme/shop', url: 'file:///srv/git/shop.git' }],
  told: {
    title: 'Prices are wrong',
    approvedBy: ['@dana'],
    checks: 'Checks passed (2 commands).',
    source: { label: '@team Fixes #1 ` x', url: null },
  },
  page: 'https://viewport.acme.dev/runs/7',
  home: null,
  ...more,
})
