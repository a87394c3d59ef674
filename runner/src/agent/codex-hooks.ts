/**
 * How does Codex come to run the hooks that vpd laid out for it?
 * It runs none that nobody has looked at: each is trusted by the digest that it tells. They are vpd's own scripts, in the folder that vpd made anew.
 */
import { z } from 'zod'
import { failed } from '../work/failure.ts'
import type { Peer } from './peer.ts'

const Listed = z.object({
  data: z.array(
    z.object({ hooks: z.array(z.object({ key: z.string(), currentHash: z.string(), source: z.string() })) }),
  ),
})

/** Trusts the hooks of its own folder, and of no other. Throws WorkFailed when it tells of another: a hook of a repository itself is never trusted. */
export const trustHooks = async (talk: Pick<Peer, 'ask'>, cwd: string): Promise<void> => {
  const listed = Listed.parse(await talk.ask('hooks/list', { cwds: [cwd] }))
  const hooks = listed.data.flatMap((one) => one.hooks)
  if (hooks.some(({ source }) => source !== 'user'))
    throw failed(
      'agent',
      'agent_not_as_asked',
      'Codex found hooks that vpd did not give it.',
      'Use a version that vpd was tried with.',
      { retrySafe: false },
    )
  const value = Object.fromEntries(
    hooks.map(({ key, currentHash }) => [key, { enabled: true, trusted_hash: currentHash }]),
  )
  await talk.ask('config/batchWrite', {
    edits: [{ keyPath: 'hooks.state', value, mergeStrategy: 'replace' }],
    reloadUserConfig: true,
  })
}
