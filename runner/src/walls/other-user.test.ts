/** Does another user hold? Tried by a program that runs as one, against real files and processes of this machine. */
import { spawn } from 'node:child_process'
import { chmod, link, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { testRemote, type TestRemote } from '../git/remote.fixture.ts'
import { stepEnvironment } from '../process/environment.ts'
import { runProgram } from '../process/start-program.ts'
import { findProcesses } from '../process/sweep.ts'
import { doJob } from '../work/do-job.ts'
import { agentJob, checksJob, sampleFiles } from '../work/job.fixture.ts'
import { testPort } from '../work/port.fixture.ts'
import type { Setup } from '../work/port.ts'
import { planWall } from './choose.ts'
import { detectUser } from './detect.ts'
import { obstacle, userOf, userWall } from './other-user.ts'

const user = await detectUser()
const none = 'found' in user ? null : user.why

describe.skipIf(none !== null)(`a step as another user${none === null ? '' : ` (skipped: ${none})`}`, () => {
  let root = ''
  let home = ''
  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'vpd-user-'))
    home = path.join(root, 'vpd', 'runners', 'r1')
    await mkdir(home, { recursive: true, mode: 0o700 })
    await writeFile(path.join(home, 'key.json'), 'a canary of the key', { mode: 0o600 })
  })
  afterEach(() => rm(root, { recursive: true, force: true }))
  // The fixture's folder is vpd's own here: /tmp/x/vpd/runners/r1 has one folder more on the way than a home has.
  const openWay = () => chmod(root, 0o711)

  const step = async (marker: string) => {
    const folder = path.join(home, 'work', marker)
    for (const name of ['home', 'tmp', 'state', 'scratch'])
      await mkdir(path.join(folder, name), { recursive: true, mode: 0o700 })
    await mkdir(path.join(folder, 'tree', 'shop'), { recursive: true }) // as git makes a clone: anybody who gets there may read
    await writeFile(path.join(folder, 'scratch', 'index'), 'a canary of scratch')
    await writeFile(path.join(folder, 'tree', 'shop', 'mine'), 'mine')
    return folder
  }
  const run = async (folder: string, script: string) => {
    if (!('found' in user)) throw new Error(user.why)
    let text = ''
    const marker = path.basename(folder)
    const ended = await runProgram({
      argv: ['/bin/sh', '-c', script],
      cwd: path.join(folder, 'tree', 'shop'),
      env: stepEnvironment({ home: path.join(folder, 'home'), tmp: path.join(folder, 'tmp'), marker }),
      input: null,
      wall: userWall(user.found, home),
      folder,
      seconds: 30,
      onOutput: (bytes) => (text += bytes.toString()),
    })
    expect(await findProcesses({ marker, group: null, folder: null })).toEqual([])
    return { ended, text }
  }

  it('has its own id and no rights; reads and writes its folder and nothing of vpd’s, of another step’s or of root’s processes', async () => {
    await openWay()
    const outsider = spawn('sleep', ['1000'], {
      env: { SECRET: 'environment-canary', PATH: '/usr/bin:/bin' },
      stdio: 'ignore',
    })
    await new Promise((up) => outsider.once('spawn', up))
    try {
      const [mine, other] = [await step('one'), await step('two')]
      await run(other, 'echo private > ../../state/note; echo private > theirs')
      const { text, ended } = await run(
        mine,
        `id -u; id -G; grep -E 'Cap(Eff|Bnd)|NoNewPrivs' /proc/self/status; cat mine; echo more >> mine && echo wrote
         cat ${home}/key.json ${other}/state/note ${other}/tree/shop/theirs ../../scratch/index /etc/shadow /proc/*/environ
         ls ${home}; kill -9 ${outsider.pid} && echo killed; touch ../../planted ${home}/planted /etc/planted && echo planted; mv ../shop ../away && echo moved
         setsid sleep 987651 & (env -i setsid sleep 987651 &); sleep 0.1; true`,
      )
      expect(ended.exit).toBe(0)
      expect(text).toContain(`${userOf('one')}\n`)
      expect(text).toMatch(/CapEff:\s+0{16}\nCapBnd:\s+0{16}\nNoNewPrivs:\s+1/)
      expect(text).toContain('wrote')
      for (const word of ['canary', 'private', 'killed', 'planted\n', 'moved\n', 'key.json\n'])
        expect([word, text.includes(word)]).toEqual([word, false])
      expect(outsider.exitCode).toBe(null)
      expect(await readFile(path.join(mine, 'tree', 'shop', 'mine'), 'utf8')).toBe('minemore\n')
    } finally {
      outsider.kill('SIGKILL')
    }
  })

  it('is given no file that a link which it planted leads to', async () => {
    await openWay()
    const folder = await step('three')
    await writeFile(path.join(root, 'private'), 'root’s own', { mode: 0o600 })
    await run(folder, `ln -s ${root}/private link; ln -s ${home} folder; ln -s ${root}/private ../../state/link`)
    await symlink(path.join(root, 'private'), path.join(folder, 'state', 'again')) // as vpd itself might leave one
    await link(path.join(root, 'private'), path.join(folder, 'state', 'hard')) // as an agent could where the system does not protect hard links
    const { text } = await run(folder, 'cat ../../state/hard; echo new > ../../state/new && echo wrote')
    expect(text).toContain('wrote')
    expect(text).not.toContain('root’s own')
    expect((await stat(path.join(root, 'private'))).uid).toBe(0)
    expect((await stat(home)).uid).toBe(0)
  })

  it('is not to be had where others cannot get to the home of vpd, and the folder in the way is named', async () => {
    const closed = path.join(root, 'closed')
    const far = path.join(closed, 'a', 'b', 'c', 'd')
    await mkdir(far, { recursive: true })
    await chmod(closed, 0o700)
    expect(await obstacle(far)).toContain(closed)
    await expect(planWall({ home: far, walls: { level: 'user', read: [] } }, 'agents')).rejects.toThrow(
      /wall_missing: .* user, .*closed/,
    )
  })

  it('works as a whole: a plan, a change with a push, and checks', async () => {
    const remote: TestRemote = await testRemote(await sampleFiles())
    try {
      const setup: Setup = {
        home: path.join(remote.root, 'home'),
        passEnvironment: [],
        commands: {},
        walls: { level: 'user', read: [] },
      }
      await mkdir(setup.home, { recursive: true })
      await chmod(remote.root, 0o700)
      const edit = testPort(agentJob(remote, { mode: 'edit', context: [] }))
      await doJob(edit, setup)
      expect(edit.of('started')[0]?.isolation).toMatchObject({ level: 'user', network: 'open' })
      expect(edit.reports.at(-1)).toMatchObject({ type: 'finished', result: { kind: 'change' } })
      expect(edit.of('push')).toHaveLength(1)
      const checks = testPort(checksJob(remote))
      await doJob(checks, setup)
      expect(checks.reports.at(-1)).toMatchObject({ type: 'finished', result: { kind: 'checks', found: true } })
    } finally {
      await rm(remote.root, { recursive: true, force: true })
    }
  })
})
