/**
 * `vpd service` as a person calls it, on a machine that seems to have systemd: folders of the system are empty ones of a mount namespace, and `systemctl` is a program that
 * writes down how it is called. That systemd takes the unit is tried with systemd's own check (`service/units.test.ts`); that it starts it is tried by nothing here.
 */
import { execFile, execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openBench, type Bench } from '../testing/bench.ts'

const program = fileURLToPath(new URL('../../bin/vpd.js', import.meta.url))
const hasNamespaces = ((): boolean => {
  try {
    execFileSync('unshare', ['--user', '--map-root-user', '--mount', 'mount', '-t', 'tmpfs', 'none', '/run'], {
      stdio: 'ignore',
    })
    return existsSync('/etc/systemd')
  } catch {
    return false
  }
})()

let bench: Bench
let unit: string
const at = (...names: string[]): string => path.join(bench.home, ...names)
type Ran = { code: number; out: string; err: string }
/** `then`: what the shell does afterwards, in the same namespace. */
const vpd = (words: readonly string[], then = 'true'): Promise<Ran> =>
  new Promise((resolve) => {
    const line = `mount -t tmpfs none /run && mkdir -p /run/systemd/system && mount -t tmpfs none /etc/systemd && mkdir /etc/systemd/system || exit 99
      "$0" "$@"; code=$?; ${then}; exit $code`
    const shell = ['--user', '--map-root-user', '--mount', '/bin/sh', '-c', line, process.execPath, program, ...words]
    const env = {
      PATH: `${at('bin')}:${process.env['PATH'] ?? ''}`,
      HOME: bench.home,
      VPD_HOME: at('r'),
      XDG_CONFIG_HOME: at('config'),
    }
    execFile('unshare', shell, { env }, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    )
  })
const called = async (): Promise<string[]> =>
  (await readFile(at('called'), 'utf8').catch(() => '')).split('\n').filter((one) => one !== '')

describe.skipIf(!hasNamespaces)(
  `the service of a runner${hasNamespaces ? '' : ': no namespaces or no /etc/systemd here'}`,
  () => {
    beforeAll(async () => {
      bench = await openBench({ leaseSeconds: 10 })
      unit = at('config', 'systemd', 'user', 'vpd.service')
      await mkdir(at('bin'))
      await writeFile(
        at('bin', 'systemctl'),
        `#!/bin/sh\necho "$@" >> "${at('called')}"\n[ -f "${at('fails')}" ] && { echo "it is broken" >&2; exit 4; }\nexit 0\n`,
      )
      await chmod(at('bin', 'systemctl'), 0o755)
      const pairing = vpd(['pair', '--worker', '--transport=polling', '--server', bench.plane.url])
      const asked = await bench.plane.until(() => bench.plane.pairings.at(-1))
      bench.plane.approve(asked, 'rnr_1', 'payments-vps')
      expect(await pairing).toMatchObject({ code: 0 })
    })
    afterAll(() => bench.end())
    beforeEach(async () => {
      await rm(at('called'), { force: true })
      await rm(at('fails'), { force: true })
      await rm(at('config'), { recursive: true, force: true })
    })

    test('is written, started, shown and removed again', async () => {
      expect(await vpd(['service', 'status'])).toMatchObject({ code: 0, out: 'not installed\n' })
      const made = await vpd(['service', 'install', '--slots', '3'])
      expect(made).toMatchObject({ code: 0, out: expect.stringContaining('started, and starts with the login') })
      expect(made.out).toContain('loginctl enable-linger')
      expect(await called()).toEqual(['--user daemon-reload', '--user enable --now vpd.service'])
      const text = await readFile(unit, 'utf8')
      expect(text).toContain('--slots')
      expect(text).toContain(bench.plane.url)
      expect((await stat(unit)).mode & 0o777).toBe(0o644)
      expect((await vpd(['service', 'status'])).out).toBe(`runs · ${unit}\n`)
      // Once more replaces what vpd wrote.
      expect(await vpd(['service', 'install', '--slots', '1'])).toMatchObject({ code: 0 })
      expect(await readFile(unit, 'utf8')).not.toBe(text)
      await rm(at('called'))
      expect(await vpd(['service', 'uninstall'])).toMatchObject({ code: 0 })
      expect(existsSync(unit)).toBe(false)
      expect(await called()).toEqual(['--user disable --now vpd.service', '--user daemon-reload'])
      expect((await vpd(['service', 'uninstall'])).out).toContain('No service is installed')
    })
    test('that somebody else wrote is left alone', async () => {
      await mkdir(path.dirname(unit), { recursive: true })
      await writeFile(unit, '[Unit]\nDescription=mine\n')
      for (const word of ['install', 'uninstall'])
        expect(await vpd(['service', word])).toMatchObject({
          code: 3,
          err: expect.stringContaining('was not written by vpd'),
        })
      expect(await readFile(unit, 'utf8')).toBe('[Unit]\nDescription=mine\n')
      expect(await called()).toEqual([])
    })
    test('that cannot be started is a failure, in the words of systemctl', async () => {
      await writeFile(at('fails'), '')
      const ran = await vpd(['service', 'install'])
      expect(ran.code).not.toBe(0)
      expect(ran.err).toContain('`systemctl --user daemon-reload` failed: it is broken')
      expect((await vpd(['service', 'status'])).out).toBe(`does not run · ${unit}\n`)
    })
    test('of the whole system runs as the user that is named', async () => {
      const ran = await vpd(
        ['service', 'install', '--system', '--user', 'nobody'],
        'cat /etc/systemd/system/vpd.service',
      )
      expect(ran).toMatchObject({ code: 0 })
      expect(ran.out).toContain('\nUser=nobody\n')
      expect(await called()).toEqual(['daemon-reload', 'enable --now vpd.service'])
    })
  },
)
