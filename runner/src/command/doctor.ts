/** `vpd doctor`: is everything here that work needs? */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, statfs } from 'node:fs/promises'
import type { Command } from 'commander'
import { isRefusal } from '@viewportai/core/refusal'
import { listCredentials } from '../credentials/list.ts'
import { homeFolder, policyFile, runnerFolder } from '../identity/home.ts'
import { readKey } from '../identity/key.ts'
import { keyFileOf, readPairings, type Pairing } from '../identity/pairing.ts'
import { lockHolder } from '../identity/lock.ts'
import { PolicyInvalid, readPolicy, type Policy } from '../policy/policy.ts'
import { wallWords } from '../walls/wall-words.ts'
import { openLines } from '../wire/exchange.ts'
import { wordsOf } from '../wire/refused.ts'
import { serverClock, skewWords } from '../wire/server-clock.ts'
import { tokensOf } from '../wire/token.ts'
import { capabilitiesOf, detectedWords } from './capabilities.ts'
import { exitCodes } from './exit.ts'
import { common, type Common } from './options.ts'
import { plain, printer, size } from './print.ts'

export type Finding = { what: string; ok: boolean | null; words: string }

export const addDoctor = (program: Command): void => {
  common(program.command('doctor'))
    .description('look whether everything is here that work needs, and whether the control plane answers')
    .addHelpText(
      'after',
      '\nExit code 8 when something is to be mended.\n\nExamples:\n  $ vpd doctor\n  $ vpd doctor --json',
    )
    .action(run)
}

const run = async (options: Common): Promise<void> => {
  const print = printer(options.json ?? false)
  const home = homeFolder(options.home)
  const found: Finding[] = [node(), await git(), await disk(home)]
  const policy = await policyFinding(home, found)
  if (policy) found.push(...(await machine(home, policy)))
  const pairings = await readPairings(home)
  if (pairings.length === 0)
    found.push({ what: 'pairing', ok: false, words: 'this machine is not paired: `vpd pair --worker`' })
  for (const pairing of pairings) found.push(...(await controlPlane(home, pairing)))
  for (const { what, ok, words } of found)
    print.line(`  ${ok === null ? '·' : ok ? '✓' : '✗'} ${what}: ${plain(words)}`)
  const healthy = found.every(({ ok }) => ok !== false)
  print.event({ healthy, findings: found })
  if (!healthy) process.exitCode = exitCodes.unhealthy
}

const node = (): Finding => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  return {
    what: 'node',
    ok: major > 20 || (major === 20 && minor >= 19),
    words: `${process.versions.node} (20.19 or later is needed)`,
  }
}

const git = (): Promise<Finding> =>
  new Promise((resolve) => {
    execFile('git', ['--version'], { timeout: 5_000, env: { PATH: process.env['PATH'] ?? '' } }, (error, stdout) =>
      resolve(
        error
          ? { what: 'git', ok: false, words: 'not found on PATH: install it' }
          : { what: 'git', ok: true, words: stdout.trim() },
      ),
    )
  })

const disk = async (home: string): Promise<Finding> => {
  await mkdir(home, { recursive: true, mode: 0o700 })
  const { bavail, bsize } = await statfs(home)
  const free = bavail * bsize
  return { what: 'disk', ok: free > 256 * 1024 * 1024, words: `${size(free)} free below ${home}` }
}

const policyFinding = async (home: string, found: Finding[]): Promise<Policy | null> => {
  try {
    const policy = await readPolicy(policyFile(home))
    const file = policyFile(home)
    found.push({ what: 'policy', ok: true, words: existsSync(file) ? file : `${file} is not there: the defaults hold` })
    return policy
  } catch (error) {
    if (!(error instanceof PolicyInvalid)) throw error
    found.push(...error.problems.map((words) => ({ what: 'policy', ok: false, words })))
    return null
  }
}

const machine = async (home: string, policy: Policy): Promise<Finding[]> => {
  const walls: Finding = { what: 'walls', ...(await wallWords({ home, walls: policy.walls, network: policy.network })) }
  if (walls.ok === false) return [walls]
  const capabilities = await capabilitiesOf({ home, policy, slots: 1, mode: 'persistent' })
  const usable = capabilities.agents.some((agent) => agent.usable)
  return [{ what: 'found', ok: usable, words: detectedWords(capabilities) }, walls, ...(await models(home))]
}

/** Keys of models: which are used, and what is wrong with those that cannot be. */
const models = async (home: string): Promise<Finding[]> => {
  const all = await listCredentials(home, [])
  if (all.length === 0)
    return [{ what: 'models', ok: null, words: 'no keys: `vpd credentials set model anthropic` (or openai, google)' }]
  return all.map(({ scope, source, note }) => ({
    what: `model ${scope}`,
    ok: note === null ? true : note.startsWith('not used') ? null : false,
    words: note === null ? `its key comes from ${source}` : `${source}: ${note}`,
  }))
}

const controlPlane = async (home: string, pairing: Pairing): Promise<Finding[]> => {
  const what = `control plane ${pairing.server}`
  const holder = await lockHolder(runnerFolder(home, pairing.runner))
  const worker: Finding = {
    what: `worker "${pairing.name}"`,
    ok: null,
    words: holder ? `runs, process ${holder.pid}` : 'does not run: `vpd worker start`',
  }
  const key = await readKey(keyFileOf(home, pairing.runner))
  const lines = openLines()
  const clock = serverClock()
  const end = AbortSignal.timeout(10_000)
  let trouble: string | null = null
  try {
    const ground = {
      server: pairing.server,
      key,
      lines,
      clock,
      closed: end,
      trouble: (why: string | null) => void (trouble = why ?? trouble),
    }
    const token = await tokensOf(ground, pairing.runner).get(end)
    const answered: Finding = isRefusal(token)
      ? { what, ok: false, words: wordsOf(token) }
      : { what, ok: true, words: `answers, and knows this runner as "${pairing.name}"` }
    const skew = skewWords(clock.skew())
    return [worker, answered, ...(skew ? [{ what: 'clock', ok: false, words: skew }] : [])]
  } catch {
    return [worker, { what, ok: false, words: `cannot be reached${trouble ? ` (${trouble})` : ''}` }]
  } finally {
    lines.close()
  }
}
