/**
 * Which secrets of tools is one piece of work handed?
 * Those that the owner's policy names for it (`tools`): for checks, for an agent, in these repositories. Each is one variable of its environment;
 * no other work of this runner has it.
 */
import { fits } from '../policy/pattern.ts'
import { repositoryName } from '@viewportai/core/policy/repository-name'
import { failed } from '../work/failure.ts'
import { noteUse } from './last-used.ts'
import { keysOf, type KeptKey } from './model-keys.ts'
import type { ToolRule, ToolSetup } from './tool-setup.ts'

/** The work that asks: an agent by name, or checks (null), with the addresses of its repositories. */
export type ToolUser = { readonly agent: string | null; readonly urls: readonly string[] }

/** Its variables. Throws WorkFailed when one that the policy promises is not kept here: the work would fail in a way that nobody understands. */
export const toolEnvironment = async (
  setup: ToolSetup | undefined,
  user: ToolUser,
): Promise<Record<string, string>> => {
  const names = Object.entries(setup?.rules ?? {}).flatMap(([name, rule]) => (isFor(rule, user) ? [name] : []))
  if (!setup || names.length === 0) return {}
  const kept = await keysOf(setup.home, 'tool')
  const found = names.map((name) => kept.find((one) => one.name === name) ?? missing(name))
  const lacks = found.find((one) => one.value === null)
  if (lacks)
    throw failed(
      'policy',
      'tool_secret_missing',
      `The policy of this runner hands ${lacks.name} to this step, and it is not there: ${lacks.why ?? 'no reason'}.`,
      `Keep it: \`vpd credentials set tool ${lacks.name}\`; or take it out of \`tools\` in the policy.`,
      { retrySafe: true },
    )
  const env = Object.fromEntries(found.map(({ name, value }) => [name, value ?? '']))
  setup.learn?.(Object.entries(env).map(([name, value]) => ({ name, value })))
  await Promise.all(names.map((name) => noteUse(setup.home, 'tool', name)))
  return env
}

const missing = (name: string): KeptKey => ({
  name,
  value: null,
  why: 'it was never kept',
  source: '',
  url: null,
  set: null,
  user: null,
  actions: [],
  account: null,
})

const isFor = ({ checks, agents, repositories }: ToolRule, { agent, urls }: ToolUser): boolean =>
  (agent === null ? checks : fits(agent, agents)) &&
  urls.every((url) => {
    const found = repositoryName(url)
    return 'name' in found && fits(found.name, repositories)
  })
