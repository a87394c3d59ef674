// `npm start` as npm starts it, through a shell: whichever of the processes in between is ended, nothing is left behind.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, expect, test } from 'vitest'

import { makePlace, ROOT } from './testing/place.ts'
import { endAllOf, processesOf, stillAlive } from './testing/processes.ts'

const place = makePlace('npm')
afterAll(() => {
  endAllOf(place.folder)
  place.remove()
})

const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: { start: string } }

test.runIf(process.platform === 'linux').each<[string, (pid: number) => void]>([
  ['Ctrl-C, which reaches the whole group', (pid) => process.kill(-pid, 'SIGINT')],
  ['an end of the shell alone', (pid) => process.kill(pid, 'SIGTERM')],
])('%s', { timeout: 120_000 }, async (_, end) => {
  // Without `exec`, as npm does it: the shell stays between.
  const command = `${scripts.start} --port 0 --data "${place.data}"; true`
  const shell = spawn('sh', ['-c', command], {
    cwd: ROOT,
    env: place.env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [shell.stdout, shell.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said += text))
  await expect.poll(() => said, { timeout: 90_000, interval: 100 }).toContain('Ctrl-C stops everything')
  const all = processesOf(place.folder)
  expect(all.length).toBeGreaterThan(4)
  end(shell.pid!)
  await expect.poll(() => stillAlive(all), { timeout: 20_000 }).toEqual([])
  expect(said).toContain('Stopped.')
})
