// Where are the programs of the real agents, which `e2e/agents/install.ts` installs for this platform?
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'

import { ROOT, type Place } from './place.ts'

const packages = join(ROOT, 'e2e/agents/node_modules')
const triple = `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-${process.platform === 'darwin' ? 'apple-darwin' : 'unknown-linux-musl'}`

export const platform = `${process.platform}-${process.arch}`
export const realAgents = {
  claude: join(packages, `@anthropic-ai/claude-code-${platform}/claude`),
  codex: join(packages, `@openai/codex-${platform}/vendor/${triple}/bin/codex`),
  /** A program of Node. */
  gemini: join(packages, '@google/gemini-cli/bundle/gemini.js'),
}
/** Those that vpd has a driver of its own for. */
export type RealAgent = 'claude' | 'codex'

/** Are they here? Not on every platform, and not before they were installed; where their package is and its program is not, something moved, and nothing may be skipped for it. */
export const agentsAreHere = Object.values(realAgents).every((file) => {
  if (existsSync(file)) return true
  const owner = join(packages, ...file.slice(packages.length + 1).split('/', 2))
  if (existsSync(owner))
    throw new Error(`${owner} is installed, and its program is not at ${file}: say where it is now.`)
  return false
})

/** Puts Claude Code and Codex on the PATH of a place, as a person has them. */
export function putOnPath(place: Place): void {
  const bin = join(place.folder, 'bin')
  mkdirSync(bin)
  for (const name of ['claude', 'codex'] as const) symlinkSync(realAgents[name], join(bin, name))
  place.env['PATH'] = `${bin}:${place.env['PATH']}`
}

/** The version of a package of theirs that this check is made for. */
export function versionOf(name: string): string {
  const manifest = readFileSync(join(ROOT, 'e2e/agents/package.json'), 'utf8')
  return (JSON.parse(manifest) as { dependencies: Record<string, string> }).dependencies[name] ?? ''
}
