/** Does another user hold? Tried by a program that runs as one, against real files and processes of this machine. */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, chown, link, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fetchCommit, openCache } from '../git/cache.ts'
import { plainGit, testRemote, type TestRemote } from '../git/remote.fixture.ts'
import { remoteOf } from '../git/remote-url.ts'
import { cloneForStep } from '../git/step-clone.ts'
import { stepEnvironment } from '../process/environment.ts'
import { runProgram } from '../process/start-program.ts'
import { findProcesses } from '../process/sweep.ts'
import { doJob } from '../work/do-job.ts'
import { agentJob, checksJob, sampleFiles } from '../work/job.fixture.ts'
import { testPort } from '../work/port.fixture.ts'
import type { Setup } from '../work/port.ts'
import { planWall } from './choose.ts'
import { detectUser } from './detect.ts'
import { obstacle, userWall } from './other-user.ts'
import { takeStepUser } from './step-users.ts'
import type { Wall } from './wall.ts'

const user = await detectUser()
const none = 'found' in user ? null : user.why

it('is to be had wherever vpd can become one: what is skipped below would prove nothing', () => {
  const words = '--reuid 70001 --regid 70001 --clear-groups --bounding-set=-all --no-new-privs true'
  const can = process.platform === 'linux' && spawnSync('setpriv', words.split(' ')).status === 0
  expect(none === null || !can ? null : none).toBe(null)
})

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
  const walls: Wall[] = []
  afterEach(async () => {
    for (const wall of walls.splice(0)) await wall.close()
  })
  const open = async (): Promise<Wall> => {
    if (!('found' in user)) throw new Error(user.why)
    const wall = await userWall(user.found, home)
    walls.push(wall)
    return wall
  }
  /** In the step of this wall, or in a step of its own. */
  const run = async (folder: string, script: string, wall?: Wall) => {
    let text = ''
    const marker = path.basename(folder)
    const ended = await runProgram({
      argv: ['/bin/sh', '-c', script],
      cwd: path.join(folder, 'tree', 'shop'),
      env: stepEnvironment({ home: path.join(folder, 'home'), tmp: path.join(folder, 'tmp'), marker }),
      input: null,
      wall: wall ?? (await open()),
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
      expect(text).toMatch(/^[78]\d{4}\n/)
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
    const [folder, wall] = [await step('three'), await open()]
    await writeFile(path.join(root, 'private'), 'root’s own', { mode: 0o600 })
    await run(folder, `ln -s ${root}/private link; ln -s ${home} folder; ln -s ${root}/private ../../state/link`, wall)
    await symlink(path.join(root, 'private'), path.join(folder, 'state', 'again')) // as vpd itself might leave one
    await link(path.join(root, 'private'), path.join(folder, 'state', 'hard')) // as an agent could where the system does not protect hard links
    const { text } = await run(folder, 'cat ../../state/hard; echo new > ../../state/new && echo wrote', wall)
    expect(text).toContain('wrote')
    expect(text).not.toContain('root’s own')
    expect((await stat(path.join(root, 'private'))).uid).toBe(0)
    expect((await stat(home)).uid).toBe(0)
  })

  it('leaves nothing for whoever gets its user next: no process, no file, no shared memory, no way into its folder', async () => {
    await openWay()
    const [mine, other] = [await step('four'), await step('five')]
    const left = path.join(tmpdir(), `left-${path.basename(root)}`)
    const first = await open()
    const { text: id } = await run(
      mine,
      `id -u; umask 0; mkdir ${left} && echo mine > ${left}/note; echo mine > /dev/shm/${path.basename(left)}; chmod 777 ../../state ..
       (env -i setsid sleep 987652 </dev/null >/dev/null 2>&1 &); true`,
      first,
    )
    // What a wall without a namespace would leave running, as the same user.
    const stray = spawn('setpriv', ['--reuid', id.split('\n')[0]!, '--clear-groups', 'sleep', '987653'], {
      env: { PATH: '/usr/bin:/bin' },
      stdio: 'ignore',
    })
    await new Promise((up) => stray.once('spawn', up))
    const strayEnded = new Promise((ended) => stray.once('exit', (_code, signal) => ended(signal)))
    await first.close()
    expect(await strayEnded).toBe('SIGKILL')
    expect(existsSync(left)).toBe(false)
    expect(existsSync(path.join('/dev/shm', path.basename(left)))).toBe(false)
    expect(await stat(mine)).toMatchObject({ uid: 0, gid: 0, mode: 0o40700 })
    expect(await readFile(path.join(mine, 'tree', 'shop', 'mine'), 'utf8')).toBe('mine')
    // The next user, even if it were the same: it does not come into the folder of the step before.
    const { text } = await run(
      other,
      `cat ${mine}/tree/shop/mine; ls ${mine}; ps -eo args | grep '[9]8765' || echo none`,
    )
    expect(text).toMatch(/none\n$/)
    expect(text).not.toContain('mine\n')
  })

  it('shares its user with no other step, of this vpd or of another, while it lives', async () => {
    const ids = await Promise.all(Array.from({ length: 4 }, () => takeStepUser(100)))
    expect(new Set(ids.map((one) => one.id)).size).toBe(4)
    // Another vpd: a process of its own, that looks from the same place.
    const program = `import { takeStepUser } from ${JSON.stringify(new URL('./step-users.ts', import.meta.url).pathname)}; console.log((await takeStepUser(100)).id)`
    const elsewhere = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      encoding: 'utf8',
      env: { PATH: '/usr/bin:/bin' },
    })
    expect(elsewhere.stderr).toBe('')
    expect(ids.map((one) => one.id)).not.toContain(Number(elsewhere.stdout))
    expect(Number(elsewhere.stdout)).toBeGreaterThanOrEqual(70_000)
    for (const one of ids) await one.release()
    // It was killed and did not give its user back: what it had is free again, and the folder it worked in is closed.
    const folder = await step('seven')
    await chown(folder, 0, Number(elsewhere.stdout))
    await writeFile(`/run/vpd-users/${Number(elsewhere.stdout)}/folders`, folder)
    const again = await takeStepUser(Number(elsewhere.stdout) - 70_000)
    expect(again.id).toBe(Number(elsewhere.stdout))
    expect(await stat(folder)).toMatchObject({ gid: 0, mode: 0o40700 })
    await again.release()
  })

  it('reads of repositories what the step is given, and no copy that vpd keeps', async () => {
    const [mine, theirs] = [
      await testRemote({ 'a.txt': 'of this step' }),
      await testRemote({ 'b.txt': 'of another team' }),
    ]
    await openWay()
    try {
      const cacheOf = async (remote: TestRemote) => {
        const cache = await openCache(home, remoteOf(remote.url))
        return { cache, commit: await fetchCommit(cache, 'HEAD', null) }
      }
      const [here, there] = [await cacheOf(mine), await cacheOf(theirs)]
      const folder = await step('six')
      await cloneForStep(here.cache, path.join(folder, 'tree', 'clone'), here.commit, 'refs/heads/x', null, null, 'own')
      const { text } = await run(
        folder,
        `cd ../clone && git cat-file blob HEAD:a.txt && echo && echo more > c && git add c && git commit -qm c && echo committed
         cat .git/objects/info/alternates; ls ${home}/cache ${there.cache.dir}; git --git-dir ${there.cache.dir} cat-file blob ${there.commit}:b.txt
         echo readable: $(find ${home} -path ${folder} -prune -o -type f -readable -print 2>/dev/null)`,
      )
      expect(text).toMatch(/^of this step\ncommitted\n/)
      expect(text).toMatch(/readable:\n$/)
      expect(text).not.toContain('of another team')
      // The copy of vpd is as it was: what the step has are second names of read-only files.
      expect(plainGit(here.cache.dir, 'fsck', '--strict')).not.toContain('error')
    } finally {
      for (const remote of [mine, theirs]) await rm(remote.root, { recursive: true, force: true })
    }
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
