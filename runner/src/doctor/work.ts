/** What can steps do here: which agents with which models, behind which wall? */
import type { DetectedAgent } from '@viewportai/core/wire/messages'
import { detectCapabilities } from '../agent/detect.ts'
import { setupOf } from '../command/capabilities.ts'
import { readKeys, upstreamsOf } from '../credentials/model-keys.ts'
import { listCredentials, listLogins } from '../credentials/list.ts'
import { fits } from '../policy/pattern.ts'
import type { Policy } from '../policy/policy.ts'
import { keyTaken } from '../model/offered.ts'
import { providers, type Upstream } from '../model/providers.ts'
import { platformRefusal } from '../walls/which-platforms.ts'
import { wallWords } from '../walls/wall-words.ts'
import { bad, good, known, type Finding } from './finding.ts'
import { installCommand } from './install.ts'
import { installFindings } from './installs.ts'

export const workFindings = async (home: string, policy: Policy, folders: readonly string[], release: string) => {
  const setup = setupOf(folders[0] ?? home, policy, home)
  const { agents, tools, isolation } = await detectCapabilities(setup).catch((error: Error) => {
    // A wall that the policy wants and the machine lacks is told below, with what to do.
    if (error.name === 'WorkFailed') return { agents: [], tools: [], isolation: null }
    throw error
  })
  return [
    await wallFinding(setup, release),
    ...(isolation === null ? [] : await installFindings({ network: policy.network, isolation })),
    ...agentFindings(agents, policy),
    ...trustFindings(policy),
    ...(await keyFindings(home, policy, folders, setup)),
    known('tools', tools.map(({ name, version }) => `${name} ${version ?? ''}`.trim()).join(', ') || 'none found'),
  ]
}

const wallFinding = async (setup: ReturnType<typeof setupOf>, release: string): Promise<Finding> => {
  const { ok, words } = await wallWords(setup)
  if (ok === true) return good('wall', words)
  return { what: 'wall', ok, words, fix: wallFix(words, release) }
}

/** What makes the wall better, from the reason why it is not. */
export const wallFix = (why: string, release: string, platform: string = process.platform): string => {
  const unfit = platformRefusal(platform)
  if (unfit) return unfit.fix
  const missing = /\(package ([a-z-]+)\)/.exec(why)?.[1]
  if (missing !== undefined) return `Run \`${installCommand(missing, release, platform)}\`, and start the worker again.`
  if (platform === 'linux' && /namespace|uid map|not permitted|No permissions/i.test(why))
    return 'The system forbids user namespaces: `sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0` on Ubuntu 24.04, `sudo sysctl -w kernel.unprivileged_userns_clone=1` on older Debian; in a container `--security-opt seccomp=unconfined --security-opt systempaths=unconfined` (Podman: `--security-opt seccomp=unconfined --security-opt unmask=ALL`), so that a sandbox can stand inside it.'
  return 'See docs/runner.md, walls; `walls.level` in the policy says what you accept.'
}

const agentFindings = (agents: readonly DetectedAgent[], policy: Policy): Finding[] => {
  const allowed = agents.filter(({ name }) => fits(name, policy.agents))
  const real = allowed.filter(({ name }) => name !== 'sample')
  if (!real.some(({ usable }) => usable))
    return [
      bad(
        'agents',
        'none can be used but the sample',
        'Install one (`npm i -g @anthropic-ai/claude-code`, `npm i -g @openai/codex`), or name a program of your own under commands in the policy.',
      ),
      ...real.map(agentFinding),
    ]
  return real.map(agentFinding)
}

/** Whose programs agents may start here by themselves: never silent, and worth a second look where it is every repository. */
const trustFindings = ({ trust }: Policy): Finding[] =>
  trust.length === 0
    ? [good('trust', "no repository's own settings for agents are loaded")]
    : [
        known(
          'trust',
          `settings, hooks and servers of ${trust.join(', ')} are loaded as they are at the base, where an admin switched that on too`,
          trust.some((one) => /^[*/]*$/.test(one)) ? 'Name the repositories instead of every one.' : null,
        ),
      ]

const agentFinding = ({ name, version, path, usable, tested, note }: DetectedAgent): Finding => {
  const what = `agent ${name}`
  const words = `${version ?? 'version unknown'}${path === null ? '' : ` at ${path}`}${note === null ? '' : `: ${note}`}`
  if (!usable) return known(what, words, note === null ? 'Take it out of the policy, or mend it.' : null)
  return tested
    ? good(what, words)
    : known(what, `${words.replace(/: not tested.*/, '')}; not a version that vpd was tested with`, note)
}

/** A key that is there, asked of its provider: being there is not being taken. */
const keyFinding = async (
  what: string,
  source: string,
  upstream: Upstream | undefined,
  setup: ReturnType<typeof setupOf>,
): Promise<Finding> => {
  if (!upstream || !setup.model) return good(what, `from ${source}`)
  const at = new URL(upstream.base).host
  const { taken, words } = await keyTaken(upstream, setup.model)
  if (taken === true) return good(what, `from ${source}; ${at} takes it`)
  return taken === false
    ? bad(
        what,
        `from ${source}; ${at} does not take it: ${words}`,
        `Set one that holds: \`vpd credentials set model ${upstream.name}\`.`,
      )
    : known(
        what,
        `from ${source}; whether ${at} takes it could not be seen: ${words}`,
        `Outgoing connections to ${at} must be let through; then look again.`,
      )
}

/** A key, a login or nothing, for each provider that vpd knows and each that the owner has named. */
const keyFindings = async (
  home: string,
  policy: Policy,
  folders: readonly string[],
  setup: ReturnType<typeof setupOf>,
): Promise<Finding[]> => {
  const listed = await listCredentials(home, folders, policy.tools)
  const logins = await listLogins(policy.logins)
  const models = listed.filter((one) => one.class === 'model')
  const names = [...new Set([...Object.keys(providers), ...models.map(({ scope }) => scope)])]
  // A file of keys that cannot be used is told by the list.
  const upstreams = upstreamsOf(await readKeys(home).catch(() => []))
  const found = names.map(async (name): Promise<Finding> => {
    const what = `key ${name}`
    const of = models.filter(({ scope }) => scope === name)
    const used = of.find(({ note }) => note === null)
    if (used)
      return keyFinding(
        what,
        used.source,
        upstreams.find((one) => one.name === name),
        setup,
      )
    const [broken] = of
    const fix = `Run \`vpd credentials set model ${name}\` if agents shall use it.`
    return broken ? bad(what, broken.note ?? 'cannot be used', fix) : known(what, 'none', fix)
  })
  const others = listed.filter((one) => one.class === 'checkout' || one.class === 'publish')
  const tools = Object.keys(policy.tools).map((name): Finding => {
    const kept = listed.find((one) => one.class === 'tool' && one.scope === name)
    const fix = `Run \`vpd credentials set tool ${name}\`, or take it out of \`tools\` in the policy: steps that are promised it fail.`
    if (!kept) return bad(`secret ${name}`, 'the policy hands it to steps, and it is not kept here', fix)
    return kept.note?.startsWith('cannot')
      ? bad(`secret ${name}`, kept.note, fix)
      : good(`secret ${name}`, kept.note ?? '')
  })
  return [
    ...(await Promise.all(found)),
    ...tools,
    ...logins.map(({ agent, used }) =>
      known(
        `login ${agent}`,
        used ? 'its own subscription is used: nothing is counted, only time is limited' : 'found, not used',
        used ? null : `Name it under logins in the policy to use it (logins: [${agent}]).`,
      ),
    ),
    others.length
      ? good('tokens', others.map(({ class: kind, scope }) => `${kind} ${scope}`).join(', '))
      : known('tokens', 'none for repositories', 'Private ones need it: `vpd credentials set checkout https://HOST/`.'),
  ]
}
