import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parsePolicy } from '../policy/policy.ts'
import { stepEnvironment } from '../process/environment.ts'
import { runProgram } from '../process/start-program.ts'
import type { Port } from '../work/port.ts'
import { planWall } from './choose.ts'
import { containerSign } from './container.ts'
import { detectBubblewrap } from './detect.ts'
import { loginHosts } from './login-hosts.ts'
import { filesOfPath, filesOfProgram } from './program-files.ts'
import { wallWords } from './wall-words.ts'

let home = ''
beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'vpd-choose-'))
})
afterEach(() => rm(home, { recursive: true, force: true }))
const setupWith = (text: string) => {
  const { walls, network } = parsePolicy(text, 'policy.yaml')
  return { home, walls, network }
}
const hasSandbox = 'found' in (await detectBubblewrap())

describe('the wall of a step', () => {
  it('is none where the owner wants none, and says so', async () => {
    const plan = await planWall(setupWith('walls: { level: none }'), 'agents')
    expect(plan.isolation).toMatchObject({ level: 'none', network: 'open' })
    expect(await wallWords(setupWith('walls: { level: none }'))).toMatchObject({
      ok: true,
      words: expect.stringMatching(/^none, .*agents reach everything/) as string,
    })
  })
  it.skipIf(!hasSandbox)(
    'covers all of the home of vpd where the owner lets steps read what is around it',
    async () => {
      const base = path.join(home, 'vpd')
      const folder = path.join(base, 'runners', 'r1', 'work', 'one')
      await mkdir(path.join(folder, 'tmp'), { recursive: true })
      await mkdir(path.join(base, 'runners', 'r2'))
      await mkdir(path.join(base, 'credentials'))
      const keys = [path.join(base, 'credentials', 'keys.json'), path.join(base, 'runners', 'r2', 'key.json')]
      for (const file of keys) await writeFile(file, 'a canary')
      await writeFile(path.join(home, 'given'), 'to be read')
      const model = { home: base, logins: [], prices: {} }
      const setup = {
        home: path.join(base, 'runners', 'r1'),
        model,
        walls: { level: 'sandbox' as const, read: [home] },
      }
      const port = { report: () => Promise.resolve(), log: { write: () => {} } } as unknown as Port
      const wall = await (await planWall(setup, 'agents')).open({ doors: [], borrows: [], port })
      let said = ''
      try {
        await runProgram({
          argv: ['/bin/sh', '-c', `cat ${home}/given ${keys.join(' ')}; touch here && echo wrote`],
          cwd: path.join(folder, 'tmp'),
          env: stepEnvironment({ home: path.join(folder, 'tmp'), tmp: path.join(folder, 'tmp'), marker: 'one' }),
          input: null,
          wall,
          folder,
          seconds: 30,
          onOutput: (bytes) => (said += bytes.toString()),
        })
      } finally {
        await wall.close()
      }
      expect(said).toContain('to be read')
      expect(said).toContain('wrote')
      expect(said).not.toContain('canary')
    },
  )
  it.skipIf(!hasSandbox)('is a sandbox where there is one, for agents and checks with their own hosts', async () => {
    const setup = setupWith('network: { checks: [registries], agents: [] }')
    expect((await planWall(setup, 'agents')).isolation).toMatchObject({ level: 'sandbox', network: 'none' })
    expect((await planWall(setup, 'checks')).isolation).toMatchObject({ level: 'sandbox', network: 'listed' })
    expect((await planWall({ home }, 'checks')).isolation).toMatchObject({ level: 'sandbox', network: 'none' })
    const lent = await planWall(setup, 'agents', { more: loginHosts('claude') }) // a login that the policy names needs its provider
    expect(lent.isolation).toMatchObject({ network: 'listed' })
    expect(loginHosts('toString')).toEqual([])
    const open = setupWith('network: { checks: open }')
    expect((await planWall(open, 'checks')).isolation).toMatchObject({ level: 'sandbox', network: 'open' })
    expect(await wallWords(setup)).toMatchObject({
      ok: true,
      words: expect.stringContaining('agents reach no host, checks the hosts of the policy') as string,
    })
  })
  it('lets a step reach the hosts that its workflow names of those that the policy allows, and no other', async () => {
    const setup = setupWith('network: { checks: [registries, "*.a.example"], agents: open }')
    const refused = planWall(setup, 'checks', { only: ['b.example'] })
    await expect(refused).rejects.toMatchObject({
      failure: { code: 'host_refused', check: expect.stringContaining('network.checks in policy.yaml') as string },
    })
    const bare = planWall(setupWith('walls: { level: none }'), 'checks', { only: [] })
    await expect(bare).rejects.toThrow(/^network_not_held: /) // nothing here would keep the others from it
    if (!hasSandbox) return
    expect((await planWall(setup, 'checks', { only: ['x.a.example'] })).isolation.network).toBe('listed')
    expect((await planWall(setup, 'checks', { only: [] })).isolation.network).toBe('none')
    expect((await planWall(setup, 'agents', { only: ['b.example'] })).isolation.network).toBe('listed')
    expect((await planWall(setup, 'agents', { only: [] })).isolation.network).toBe('none')
  })
  it('that the policy wants and the machine lacks is a refusal, never a weaker one', async () => {
    const cannot = [
      ...(hasSandbox ? [] : ['sandbox']),
      ...(process.getuid?.() === 0 ? [] : ['user']),
      ...(containerSign() === null ? ['container'] : []),
    ]
    for (const level of cannot) {
      const setup = setupWith(`walls: { level: ${level} }`)
      await expect(planWall(setup, 'agents')).rejects.toThrow(
        new RegExp(`wall_missing: .* the wall ${level}, which cannot be had here: .`),
      )
      expect(await wallWords(setup)).toMatchObject({ ok: false })
    }
    // A home that others cannot get to: whoever runs this, another user is not to be had.
    await mkdir(path.join(home, 'closed', 'a', 'b', 'c'), { recursive: true, mode: 0o700 })
    const far = { ...setupWith('walls: { level: user }'), home: path.join(home, 'closed', 'a', 'b', 'c') }
    await expect(planWall(far, 'agents')).rejects.toThrow(/wall_missing/)
  })
})

describe('the wall container', () => {
  // A place as container engines make them: namespaces of its own, what is found in /run, and a home that lies in it.
  const inContainer = async (level: string, prepare = 'true'): Promise<unknown> => {
    const base = path.join(home, 'vpd')
    const folder = path.join(base, 'work', 'one')
    await mkdir(path.join(folder, 'tmp'), { recursive: true })
    await writeFile(path.join(base, 'key.json'), 'a canary', { mode: 0o600 })
    const script = path.join(home, 'try.mjs')
    const source = (file: string): string => JSON.stringify(new URL(file, import.meta.url).pathname)
    await writeFile(
      script,
      `import { planWall } from ${source('./choose.ts')}
       import { containerSign } from ${source('./container.ts')}
       import { runProgram } from ${source('../process/start-program.ts')}
       const home = ${JSON.stringify(base)}, folder = ${JSON.stringify(folder)}
       const said = { sign: containerSign(), text: '' }
       try {
         const plan = await planWall({ home, walls: { level: ${JSON.stringify(level)}, read: [] } }, 'agents')
         said.level = plan.isolation.level
         const wall = await plan.open({ doors: [], borrows: [], port: {} })
         said.built = wall.isolation.level
         const argv = ['/bin/sh', '-c', 'cat ' + home + '/key.json; ls /run; ls -d /proc/[0-9]*; touch here && echo wrote; ls /sys/class/net']
         const env = { PATH: '/usr/bin:/bin', HOME: folder + '/tmp', VPD_STEP: 'one' }
         await runProgram({ argv, env, cwd: folder + '/tmp', input: null, wall, folder, seconds: 30, onOutput: (bytes) => (said.text += bytes) })
         await wall.close()
       } catch (error) { said.no = error.message }
       console.log(JSON.stringify(said))`,
    )
    const place = `mount -t tmpfs none /run && touch /run/.containerenv && ${prepare} && exec "$0" "$1"`
    const words = ['--user', '--map-root-user', '--mount', '--pid', '--fork', '--mount-proc', '/bin/sh', '-c', place]
    const { stdout, stderr } = await promisify(execFile)('unshare', [...words, process.execPath, script], {
      env: { PATH: process.env['PATH'] ?? '' },
    })
    return stdout === '' ? stderr : JSON.parse(stdout)
  }
  const sign = expect.any(String) as string // this machine may be in one itself

  it.skipIf(!hasSandbox)('is a sandbox inside a container: vpd’s own keys are behind it as everywhere', async () => {
    const found = await inContainer('container')
    expect(found).toMatchObject({
      sign,
      level: 'container',
      built: 'container',
      text: expect.stringContaining('wrote') as string,
    })
    expect(JSON.stringify(found)).not.toContain('canary')
    // What is not said is not claimed: the owner's word is needed that the container around holds.
    expect(await inContainer('best')).toMatchObject({ sign, level: 'sandbox', built: 'sandbox' })
  })

  it.skipIf(!hasSandbox)(
    'is not to be had where no sandbox stands inside: the container alone hides nothing of vpd',
    async () => {
      // As engines do it: a part of /proc is covered, so that no other one can be mounted.
      const masked = 'mount -t tmpfs none /proc/tty'
      expect(await inContainer('container', masked)).toMatchObject({
        sign,
        no: expect.stringMatching(/^wall_missing: .*the wall container, .*no sandbox stands inside/) as string,
      })
    },
  )
})

describe('the policy', () => {
  it.each([
    'walls: { level: strong }',
    'walls: { reads: [/opt] }',
    'walls: { read: [opt] }',
    'network: { checks: ["https://a.example"] }',
    'network: { checks: ["*"] }',
    'network: { agents: closed }',
    'network: { all: [a.example] }',
  ])('stops vpd at %s', (text) => expect(() => parsePolicy(text, 'policy.yaml')).toThrow(/policy\.yaml:1:/))
})

describe('what a program needs to run', () => {
  it('is its installation and never a home, or what lies above one', async () => {
    const make = async (file: string): Promise<string> => {
      await mkdir(path.dirname(path.join(home, file)), { recursive: true })
      await writeFile(path.join(home, file), '')
      return path.join(home, file)
    }
    const ada = path.join(home, 'ada')
    const homes = [ada]
    const tool = await make('ada/tool')
    expect(filesOfProgram(tool, homes)).toEqual([tool])
    const bin = await make('ada/bin/tool')
    await make('ada/lib/x')
    expect(filesOfProgram(bin, homes)).toEqual([bin, path.join(ada, 'bin')])
    const local = await make('ada/.local/bin/tool')
    await make('ada/.local/lib/x')
    expect(filesOfProgram(local, homes)).toEqual([local, path.join(ada, '.local/bin')])
    const node = await make('ada/.nvm/v24/bin/node')
    await make('ada/.nvm/v24/lib/node_modules/npm/bin/npm-cli.js')
    expect(filesOfProgram(node, homes)).toEqual([node, path.join(ada, '.nvm/v24')])
    const module = await make('ada/work/node_modules/a/node_modules/b/bin/b.js')
    expect(filesOfProgram(module, homes)).toEqual([module, path.join(ada, 'work/node_modules')])
    expect(filesOfProgram('/bin/sh', homes)).toEqual([])
    expect(filesOfProgram(path.join(home, 'nothing'), homes)).toEqual([])
    expect(
      filesOfPath(
        [ada, home, '/', '/usr/bin', path.join(ada, 'bin'), path.join(ada, '.nvm/v24/bin'), 'bin', ''].join(':'),
        homes,
      ),
    ).toEqual([path.join(ada, 'bin'), path.join(ada, '.nvm/v24/bin'), path.join(ada, '.nvm/v24')])
  })
})
