// Is there a Node 20, the oldest one the published programs must run on?
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** VIEWPORT_NODE20 when set, else the first Node 20 on the path or where systems keep it. */
export function findNode20(): string | undefined {
  const named = process.env['VIEWPORT_NODE20']
  if (named) return named
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/local/bin', '/usr/bin']
  return folders
    .filter((folder) => !folder.includes('node_modules'))
    .map((folder) => join(folder, process.platform === 'win32' ? 'node.exe' : 'node'))
    .find((path) => existsSync(path) && execFileSync(path, ['--version'], { encoding: 'utf8' }).startsWith('v20.'))
}
