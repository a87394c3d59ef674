import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keeperOf, type Machine } from './keeper.ts'
import { launchdPlist } from './launchd-plist.ts'
import { systemdUnit, unitName } from './systemd-unit.ts'
import { workerWords, type WorkerLine } from './worker-line.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'vpd-service-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const line = (over: Partial<WorkerLine> = {}): WorkerLine => ({
  program: [process.execPath, path.join(import.meta.dirname, '../../bin/vpd.js')],
  home: folder,
  server: 'https://viewport.example',
  slots: 2,
  transport: 'polling',
  path: '/usr/local/bin:/usr/bin:/bin',
  user: null,
  ...over,
})
const analyze = (...words: string[]): Promise<{ code: number; said: string }> =>
  new Promise((resolve) => {
    // For units of a user it wants a runtime folder.
    execFile('systemd-analyze', words, { env: { ...process.env, XDG_RUNTIME_DIR: folder } }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) || 1 : 0, said: `${stdout}${stderr}` }),
    )
  })
const noSystemd = !existsSync('/usr/bin/systemd-analyze') // systems without systemd have no such program
const written = async (over: Partial<WorkerLine>): Promise<string> => {
  const at = path.join(folder, over.user ? 'system' : 'user')
  await mkdir(at, { recursive: true })
  await writeFile(path.join(at, unitName), systemdUnit(line(over)))
  return path.join(at, unitName)
}

test.skipIf(noSystemd).each<[string, string[], Partial<WorkerLine>]>([
  ['a user', ['--user'], {}],
  ['the system', [], { user: os.userInfo().username }],
  ['odd paths', ['--user'], { path: '/a b:/c%d:/$HOME:/"q"\\', server: 'https://viewport.example/a%20b' }],
])('systemd finds nothing wrong with the unit of %s', async (_, words, over) => {
  const said = await analyze('verify', ...words, '--man=no', await written(over))
  expect(said.said.split('\n').filter((one) => one.includes('vpd.service'))).toEqual([])
  expect(said.code).toBe(0)
})

test.skipIf(noSystemd)('a setting that systemd does not know is found', async () => {
  const file = await written({})
  await writeFile(file, systemdUnit(line()).replace('ProtectSystem=strict', 'ProtectSystem=mostly'))
  expect((await analyze('verify', '--user', '--man=no', file)).said).toMatch(/vpd\.service:\d+: /)
})

test.skipIf(noSystemd)('the unit of the system is held tightly', async () => {
  const file = await written({ user: os.userInfo().username === 'root' ? 'nobody' : os.userInfo().username })
  const { said } = await analyze('security', '--offline=true', '--no-pager', file)
  const exposure = Number(/Overall exposure level for vpd\.service: ([\d.]+)/.exec(said)?.[1])
  expect(exposure, said).toBeLessThanOrEqual(4)
})

test('what would keep the sandbox of steps from being built is not in the unit', () => {
  const unit = systemdUnit(line({ user: 'vpd' }))
  expect(unit).not.toMatch(
    /^(ProtectProc|ProcSubset|ProtectKernelTunables|ProtectKernelLogs|RestrictNamespaces|PrivateUsers)=/m,
  )
  expect(unit).toMatch(/^SystemCallFilter=@system-service @mount$/m)
  expect(unit).toMatch(/^RestrictAddressFamilies=.*AF_NETLINK/m)
})

test('every word of the command is one argument, and no sign of systemd is read in it', () => {
  const unit = systemdUnit(line({ home: '/srv/a "b" $c %d\\', user: 'vpd' }))
  expect(unit).toContain('"--home" "/srv/a \\"b\\" $$c %%d\\\\"')
  expect(unit).toMatch(/^User=vpd$/m)
  expect(unit).toContain('ReadWritePaths="/srv/a \\"b\\" $c %%d\\\\"')
  for (const bad of ['/a\nExecStartPre=/bin/evil', '/a\0'])
    expect(() => systemdUnit(line({ home: bad }))).toThrow('control character')
  expect(() => launchdPlist(line({ server: 'https://x\n</string>' }))).toThrow('control character')
})

/** What a property list holds, read by its own grammar: dict, array, string, integer, true, false. */
const plist = (text: string): unknown => {
  const tokens = [...text.matchAll(/<(\/?)(\w+)(\/?)[^>]*>([^<]*)/g)].map(([, close, name, self, inner]) => ({
    close: close === '/',
    name: name!,
    self: self === '/',
    inner: inner!.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'),
  }))
  let at = tokens.findIndex(({ name }) => name === 'plist') + 1
  const value = (): unknown => {
    const { name, self, inner, close } = tokens[at++]!
    if (close) throw new Error(`</${name}> where a value should be`)
    if (self) return name === 'true'
    if (name === 'dict') {
      const dict: Record<string, unknown> = {}
      while (!tokens[at]!.close) {
        const key = tokens[at]!
        if (key.name !== 'key' || !tokens[at + 1]!.close) throw new Error('a dict holds pairs of key and value')
        at += 2
        if (key.inner in dict) throw new Error(`${key.inner} twice`)
        dict[key.inner] = value()
      }
      at++
      return dict
    }
    if (name === 'array') {
      const all: unknown[] = []
      while (!tokens[at]!.close) all.push(value())
      at++
      return all
    }
    if (!tokens[at]!.close || tokens[at]!.name !== name) throw new Error(`<${name}> is not closed`)
    at++
    return name === 'integer' ? Number(inner) : inner
  }
  return value()
}

test('the property list says to launchd what the unit says to systemd', () => {
  const odd = line({ home: '/Users/me/a & <b>', user: 'vpd' })
  expect(plist(launchdPlist(odd))).toEqual({
    Label: 'dev.viewport.vpd',
    ProgramArguments: workerWords(odd),
    EnvironmentVariables: { PATH: odd.path },
    UserName: 'vpd',
    WorkingDirectory: odd.home,
    StandardOutPath: `${odd.home}/service.log`,
    StandardErrorPath: `${odd.home}/service.log`,
    RunAtLoad: true,
    KeepAlive: { SuccessfulExit: false },
    ThrottleInterval: 10,
    ExitTimeOut: 60,
    Umask: 0o077,
    ProcessType: 'Background',
  })
  expect(plist(launchdPlist(line()))).not.toHaveProperty('UserName')
})

const machine = (over: Partial<Machine>): Machine => ({
  platform: 'linux',
  home: '/home/me',
  configHome: '/home/me/.config',
  uid: 501,
  hasSystemd: true,
  ...over,
})

test('each system has its keeper, its place and its commands; where there is none, it says what to do', () => {
  expect(keeperOf(machine({}), false)).toMatchObject({
    file: '/home/me/.config/systemd/user/vpd.service',
    start: [
      ['systemctl', '--user', 'daemon-reload'],
      ['systemctl', '--user', 'enable', '--now', 'vpd.service'],
    ],
  })
  expect(keeperOf(machine({}), true)).toMatchObject({ file: '/etc/systemd/system/vpd.service' })
  expect(keeperOf(machine({ platform: 'darwin' }), false)).toMatchObject({
    file: '/home/me/Library/LaunchAgents/dev.viewport.vpd.plist',
    stop: [['launchctl', 'bootout', 'gui/501/dev.viewport.vpd']],
  })
  expect(keeperOf(machine({ platform: 'darwin' }), true)).toMatchObject({
    file: '/Library/LaunchDaemons/dev.viewport.vpd.plist',
  })
  expect(keeperOf(machine({ hasSystemd: false }), false)).toContain('Neither systemd nor launchd runs')
  expect(keeperOf(machine({ hasSystemd: false }), false, true)).toMatchObject({ kind: 'systemd' })
  expect(keeperOf(machine({ platform: 'win32' }), false, true)).toContain('WSL 2')
})
