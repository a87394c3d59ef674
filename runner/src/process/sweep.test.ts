/** Are the processes of a step found where there is no /proc? A script stands in for the `ps` of a Mac, with its form. */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { findProcesses } from './sweep.ts'

const own = process.platform
let bin: string
beforeEach(async () => {
  bin = await mkdtemp(path.join(tmpdir(), 'vpd-ps-'))
  Object.defineProperty(process, 'platform', { value: 'darwin' })
  vi.stubEnv('PATH', `${bin}:${process.env['PATH'] ?? ''}`)
})
afterEach(async () => {
  Object.defineProperty(process, 'platform', { value: own })
  vi.unstubAllEnvs()
  await rm(bin, { recursive: true })
})
const ps = async (script: string): Promise<void> => {
  await writeFile(path.join(bin, 'ps'), `#!/bin/sh\n${script}\n`)
  await chmod(path.join(bin, 'ps'), 0o755)
}
const traces = { marker: 'run_1.implement.1', group: 500, folder: '/Users/ada/.viewport/work/1' }

test('by the group and by the mark; what has ended, another step and this program are none', async () => {
  await ps(`test "$1" = -axEww || exit 9
cat <<'X'
  501   500 S    /usr/bin/yes
  502   502 S+   node x.mjs HOME=/x VPD_STEP=run_1.implement.1 LANG=C
  503   503 Z    (node) VPD_STEP=run_1.implement.1
  504   504 S    node VPD_STEP=run_1.implement.10 A=b
  ${process.pid}   500 S    node vpd
X`)
  expect(await findProcesses(traces)).toEqual([501, 502])
})

test('where it cannot be asked nothing is taken for ended', async () => {
  await ps('echo "illegal option" >&2; exit 1')
  await expect(findProcesses(traces)).rejects.toThrow(/cannot be listed by ps/)
})
