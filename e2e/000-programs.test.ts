// The two programs start in a clone, by the Node on the path or by the one the clone brings.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { describe, expect, test } from 'vitest'

import { findNode20 } from './testing/node20.ts'

const ROOT = join(import.meta.dirname, '..')
const run = promisify(execFile)

describe.each([
  { name: 'viewport', folder: 'server', file: 'bin/viewport.js' },
  { name: 'vpd', folder: 'runner', file: 'bin/vpd.js' },
])('$name', ({ name, folder, file }) => {
  const program = join(ROOT, folder, file)
  const manifest = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')) as { version: string }

  test('tells its version', async () => {
    const { stdout } = await run(process.execPath, [program, '--version'])
    expect(stdout.trim()).toBe(manifest.version)
  })

  test('is what npx finds', async () => {
    const { stdout } = await run('npx', ['--no-install', name, '--help'], { cwd: ROOT })
    expect(stdout).toContain(`Usage: ${name}`)
  })

  test('a Node that cannot run TypeScript hands over to the one of the clone, with its exit code', async (context) => {
    const node20 = findNode20()
    if (node20 === undefined) return context.skip('there is no Node 20 on this machine')
    const { stdout } = await run(node20, [program, '--version'])
    expect(stdout.trim()).toBe(manifest.version)
    await expect(run(node20, [program, '--no-such-option'])).rejects.toMatchObject({ code: 2 })
  })
})
