/**
 * How is the runner of this machine started for a try?
 * `vpd` as a program of its own with its usual home, so that its policy, its keys and its agents are the ones that its owner set up.
 */
import { mkdirSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { Stop } from '../cli/exit.ts'
import type { RunnerProgram } from '../sample/pair-runner.ts'
import { findVpd } from '../sample/runner-program.ts'

/** What vpd reads from its environment, what finds agents and keychains, and what gets through a proxy. */
const passed = [
  'PATH HOME USER LOGNAME SHELL LANG LC_ALL TZ TMPDIR SystemRoot',
  'ANTHROPIC_API_KEY ANTHROPIC_BASE_URL OPENAI_API_KEY OPENAI_BASE_URL',
  'GEMINI_API_KEY GOOGLE_API_KEY GOOGLE_GEMINI_BASE_URL',
  'DBUS_SESSION_BUS_ADDRESS XDG_RUNTIME_DIR',
  'HTTPS_PROXY HTTP_PROXY NO_PROXY https_proxy http_proxy no_proxy NODE_EXTRA_CA_CERTS',
].flatMap((names) => names.split(' '))

/** The program and its environment. `asked`: another home than the usual one. Throws a `Stop` when vpd is not on this machine. */
export const ownRunner = (
  asked: string | undefined,
  env: NodeJS.ProcessEnv,
): RunnerProgram & { readonly vpdHome: string } => {
  const command = findVpd(env['PATH'] ?? '')
  if (!command)
    throw new Stop(
      'refused',
      'The runner, `vpd`, is not on this machine.',
      'Install it: npm install --global @viewportai/daemon',
    )
  const vpdHome = path.resolve(asked ?? (env['VPD_HOME'] || path.join(os.homedir(), '.viewport', 'runner')))
  mkdirSync(vpdHome, { recursive: true, mode: 0o700 })
  return {
    command,
    home: vpdHome,
    vpdHome,
    env: {
      ...Object.fromEntries(passed.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]))),
      VPD_HOME: vpdHome,
      NO_COLOR: '1',
    },
  }
}
