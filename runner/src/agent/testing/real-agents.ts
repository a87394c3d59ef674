/** Where are the real agents that the drivers are tried with? Installed by the stage `agents` of the check below e2e/agents; never by a test. */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../../e2e/agents/node_modules/', import.meta.url))
const musl =
  process.platform === 'linux' &&
  !(process.report.getReport() as { header: { glibcVersionRuntime?: string } }).header.glibcVersionRuntime

const places: Readonly<Record<string, readonly string[]>> = {
  claude: [`@anthropic-ai/claude-code-${process.platform}-${process.arch}${musl ? '-musl' : ''}/claude`],
  codex: ['x86_64-unknown-linux-musl', 'aarch64-unknown-linux-musl', 'x86_64-apple-darwin', 'aarch64-apple-darwin'].map(
    (triple) => `@openai/codex-${process.platform}-${process.arch}/vendor/${triple}/bin/codex`,
  ),
  gemini: ['@google/gemini-cli/bundle/gemini.js'],
}

/** The program of an agent (`claude`, `codex`, `gemini`). `why`: there is none, and why that is no fault. */
export const realAgent = (
  name: string,
): { readonly file: string; readonly why: null } | { readonly file: null; readonly why: string } => {
  const file = (places[name] ?? []).map((place) => path.join(root, place)).find((place) => existsSync(place))
  if (file !== undefined) return { file, why: null }
  if (!existsSync(root)) throw new Error('The real agents are not installed: `npm test -- agents` does it.')
  const moved = (places[name] ?? [])
    .map((place) => path.join(root, ...place.split('/', 2)))
    .find((one) => existsSync(one))
  if (moved !== undefined)
    throw new Error(`${moved} is installed, and the program of ${name} is at none of its known places.`)
  return { file: null, why: `${name} has no binary for ${process.platform} ${process.arch}` }
}

/** The exact version that is installed, as the manifest names it. */
export const realVersion = (name: 'claude' | 'codex' | 'gemini'): string => {
  const packages = { claude: '@anthropic-ai/claude-code', codex: '@openai/codex', gemini: '@google/gemini-cli' }
  const manifest = createRequire(path.join(root, 'x.js'))('../package.json') as { dependencies: Record<string, string> }
  return manifest.dependencies[packages[name]] ?? ''
}
