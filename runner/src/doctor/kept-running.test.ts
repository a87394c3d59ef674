/** The service of the worker: what systemd says of it decides. systemctl is a program of ours that answers as a folder says. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { serviceFindings } from './kept-running.ts'

let root = ''
beforeAll(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'vpd-doctor-service-'))
  await mkdir(path.join(root, 'bin'))
  // `systemctl [--user] is-active UNIT` is a yes when the file is-active-user or is-active is there.
  const systemctl = `#!/bin/sh\nscope=\nif [ "$1" = --user ]; then scope=-user; shift; fi\n[ "$2" = vpd.service ] && [ -e "${root}/$1$scope" ]\n`
  await writeFile(path.join(root, 'bin/systemctl'), systemctl, { mode: 0o755 })
})
afterAll(() => rm(root, { recursive: true, force: true }))
beforeEach(async () => {
  for (const name of [
    'config',
    'linger',
    'system.service',
    'is-active',
    'is-enabled',
    'is-active-user',
    'is-enabled-user',
  ])
    await rm(path.join(root, name), { recursive: true, force: true })
})

const put = async (name: string): Promise<void> => {
  await mkdir(path.dirname(path.join(root, name)), { recursive: true })
  await writeFile(path.join(root, name), '')
}
const find = (platform = 'linux', hasSystemd = true) =>
  serviceFindings({
    machine: { platform, home: root, configHome: path.join(root, 'config'), uid: 501, hasSystemd },
    lingerFolder: path.join(root, 'linger'),
    user: 'jess',
    env: { PATH: `${path.join(root, 'bin')}:/bin:/usr/bin` },
    systemFile: path.join(root, 'system.service'),
  })
const unit = 'config/systemd/user/vpd.service'

test('none is installed, or nothing here keeps services: worth knowing, with what to do', async () => {
  expect(await find()).toMatchObject([{ ok: null, fix: expect.stringContaining('`vpd service install`') }])
  expect(await find('linux', false)).toMatchObject([{ ok: null, words: expect.stringContaining('Neither systemd') }])
  expect(await find('win32')).toMatchObject([{ ok: null, words: expect.stringContaining('WSL 2') }])
})

test('a service of a user that runs, starts with the login and lives without one is well', async () => {
  for (const name of [unit, 'is-active-user', 'is-enabled-user', 'linger/jess']) await put(name)
  expect(await find()).toMatchObject([
    { what: 'service', ok: true },
    { what: 'lingering', ok: true },
  ])
})

test.each([
  [
    'is-active-user',
    { ok: false, words: /does not run/, fix: /systemctl --user start vpd\.service.*journalctl --user/ },
  ],
  [
    'is-enabled-user',
    { ok: false, words: /does not start with the login/, fix: /systemctl --user enable vpd\.service/ },
  ],
  ['linger/jess', { ok: false, words: /end when nobody is logged in/, fix: /loginctl enable-linger/ }],
])('without %s it is to be mended', async (lacks, { ok, words, fix }) => {
  for (const name of [unit, 'is-active-user', 'is-enabled-user', 'linger/jess']) if (name !== lacks) await put(name)
  const wrong = (await find()).filter((one) => one.ok === false)
  expect(wrong).toMatchObject([{ ok, words: expect.stringMatching(words), fix: expect.stringMatching(fix) }])
})

test('a service of the whole system needs no login', async () => {
  for (const name of ['system.service', 'is-active']) await put(name)
  expect(await find()).toMatchObject([
    { what: 'service', ok: true },
    { what: 'service', ok: false, fix: expect.stringContaining('sudo systemctl enable vpd.service') },
  ])
})
