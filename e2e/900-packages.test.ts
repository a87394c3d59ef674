// The published packages hold all they need: packed, installed into an empty place away from the clone, and started.
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { findNode20 } from './testing/node20.ts'

const ROOT = join(import.meta.dirname, '..')
const run = promisify(execFile)

type Packed = { name: string; filename: string; files: { path: string }[] }

let folder: string
let packed: Packed[]

const installed = (name: string, ...path: string[]) => join(folder, 'prefix/lib/node_modules', name, ...path)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'viewport-packages-'))
  const words = ['pack', '-w', 'server', '-w', 'runner', '--json', '--pack-destination', folder]
  const { stdout } = await run('npm', words, { cwd: ROOT, maxBuffer: 64 << 20 })
  packed = Object.values(JSON.parse(stdout.slice(stdout.search(/^[[{]/m))) as Record<string, Packed>)
  await mkdir(join(folder, 'prefix'))
  const tarballs = packed.map(({ filename }) => join(folder, filename))
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error']
  await run('npm', ['install', '--global', '--prefix', join(folder, 'prefix'), ...quiet, ...tarballs], { cwd: folder })
}, 300_000)

afterAll(() => rm(folder, { recursive: true, force: true }))

test('what is packed is the built program, and no source', () => {
  const files = new Map(packed.map(({ name, files: inside }) => [name, inside.map(({ path }) => path)]))
  const both = ['LICENSE', 'README.md', 'dist/cli.js', 'package.json']
  expect(files.get('@viewportai/viewport')).toEqual(
    expect.arrayContaining([...both, 'bin/viewport.js', 'web-dist/index.html']),
  )
  expect(files.get('@viewportai/daemon')).toEqual(expect.arrayContaining([...both, 'bin/vpd.js']))
  expect([...files.values()].flat().filter((path) => /\.tsx?$/.test(path))).toEqual([])
})

test('the core is inside, not a dependency nobody can install', async () => {
  expect((await readdir(join(folder, 'prefix/lib/node_modules/@viewportai'))).toSorted()).toEqual([
    'daemon',
    'viewport',
  ])
  for (const name of ['@viewportai/viewport', '@viewportai/daemon']) {
    expect(existsSync(installed(name, 'node_modules/@viewportai'))).toBe(false)
    const manifest = JSON.parse(readFileSync(installed(name, 'package.json'), 'utf8')) as { dependencies: object }
    expect(Object.keys(manifest.dependencies).filter((dependency) => dependency.startsWith('@viewportai/'))).toEqual([])
  }
})

describe.each(['viewport', 'vpd'])('%s, installed', (name) => {
  const program = () => join(folder, 'prefix/bin', name)

  test('starts', async () => {
    const { stdout } = await run(process.execPath, [program(), '--help'], { cwd: folder })
    expect(stdout).toContain(`Usage: ${name}`)
  })

  test('starts on Node 20', async (context) => {
    const node20 = findNode20()
    if (node20 === undefined) return context.skip('there is no Node 20 on this machine')
    const { stdout } = await run(node20, [program(), '--help'], { cwd: folder })
    expect(stdout).toContain(`Usage: ${name}`)
  })
})

test(
  'the installed programs do the whole of it: from a bug report to a verified packet',
  { timeout: 180_000 },
  async () => {
    const home = join(folder, 'home')
    await mkdir(home)
    await chmod(folder, 0o711) // for root: the user who runs PostgreSQL passes through
    const node = findNode20() ?? process.execPath // the oldest one they must run on, where there is one
    const env = {
      PATH: [join(folder, 'prefix/bin'), dirname(node), '/usr/local/bin:/usr/bin:/bin'].join(delimiter),
      HOME: home,
    }
    const words = ['up', '--sample', '--headless', '--yes', '--port', '0']
    const { stdout } = await run(node, [join(folder, 'prefix/bin/viewport'), ...words], {
      cwd: folder,
      env,
    })
    expect(stdout).toMatch(/^Run 1: .*: succeeded/m)
    expect(stdout).toContain('Verified: complete, unchanged')
    expect(existsSync(join(home, '.viewport/data/sample/run-1.packet.zip'))).toBe(true)
  },
)
