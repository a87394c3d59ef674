/** Does the sandbox hold? A program inside tries what a hostile one would, against real files, sockets and processes of this machine. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { stepEnvironment } from '../process/environment.ts'
import { runProgram, startProgram, type Program } from '../process/start-program.ts'
import { findProcesses } from '../process/sweep.ts'
import { bubblewrapWall } from './bubblewrap.ts'
import { detectBubblewrap } from './detect.ts'
import { syscallFilter } from './syscall-filter.ts'
import { ownHome } from './system-mounts.ts'
import type { Wall } from './wall.ts'

const sandbox = await detectBubblewrap()
const none = 'found' in sandbox ? null : sandbox.why

let root = ''
let folder = ''
let cwd = ''
let home = ''
let marker = ''
const endings: (() => Promise<unknown>)[] = []
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'vpd-wall-test-'))
  marker = path.basename(root)
  home = path.join(root, 'runner')
  folder = path.join(home, 'work', marker)
  cwd = path.join(folder, 'tree', 'shop')
  for (const name of ['home', 'tmp', 'state', 'scratch', 'quarantine', 'context', 'tree/shop'])
    await mkdir(path.join(folder, name), { recursive: true })
  await mkdir(path.join(home, 'cache', 'shop', 'objects'), { recursive: true })
  for (const name of ['key.json', 'credentials.json', 'policy.yaml', 'cache/shop/config', 'cache/shop/objects/one'])
    await writeFile(path.join(home, name), `a canary of ${name}`)
  await writeFile(path.join(folder, 'scratch', 'index'), 'a canary of scratch')
  await copyFile(fileURLToPath(new URL('./probe.fixture.mjs', import.meta.url)), path.join(cwd, 'probe.mjs'))
})
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end()
  await rm(root, { recursive: true, force: true })
})

const wallOf = async (doors: number[], network: 'none' | 'open' = 'none'): Promise<Wall> => {
  if (!('found' in sandbox)) throw new Error(sandbox.why)
  const borrows = [path.join(home, 'cache', 'shop', 'objects')]
  const wall = await bubblewrapWall(sandbox.found, { home, reads: [], borrows, doors, network, env: {} })
  endings.push(() => wall.close())
  return wall
}
const program = (wall: Wall, argv: string[], also: Partial<Program> = {}): Program => ({
  argv,
  cwd,
  env: stepEnvironment({ home: path.join(folder, 'home'), tmp: path.join(folder, 'tmp'), marker }, [], {
    PATH: '/usr/local/bin:/usr/bin:/bin',
  }),
  input: null,
  wall,
  folder,
  seconds: 60,
  onOutput: () => {},
  ...also,
})
const run = async (wall: Wall, argv: string[], also: Partial<Program> = {}) => {
  const parts: Record<'out' | 'err', Buffer[]> = { out: [], err: [] }
  const ended = await runProgram(
    program(wall, argv, { onOutput: (bytes, from) => void parts[from].push(bytes), ...also }),
  )
  return { ended, out: Buffer.concat(parts.out).toString('utf8'), err: Buffer.concat(parts.err).toString('utf8') }
}
const serve = async (words: string): Promise<number> => {
  const server: Server = createServer((_asked, answer) => answer.end(words))
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  endings.push(() => new Promise((closed) => (server.closeAllConnections(), server.close(closed))))
  return (server.address() as AddressInfo).port
}
const listenAt = async (name: string): Promise<void> => {
  const server = net.createServer((socket) => socket.end('abstract'))
  await new Promise<void>((ready) => server.listen(name, ready))
  endings.push(() => new Promise((closed) => server.close(closed)))
}
const outsider = async (): Promise<ChildProcess> => {
  const child = spawn('sleep', ['1000'], {
    env: { PATH: process.env['PATH'], SECRET: 'environment-canary' },
    stdio: 'ignore',
  })
  await new Promise((up) => child.once('spawn', up))
  endings.push(async () => child.kill('SIGKILL'))
  return child
}
const alive = async (words: string): Promise<number> =>
  (
    await Promise.all(
      (await readdir('/proc'))
        .filter((pid) => /^\d+$/.test(pid))
        .map(async (pid) => (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).includes(words)),
    )
  ).filter(Boolean).length

it('is to be had wherever its parts work, with all that they can: what is skipped below would prove nothing', () => {
  const does = (argv: string): boolean => {
    const [file = '', ...words] = argv.split(' ')
    return process.platform === 'linux' && spawnSync(file, words).status === 0
  }
  const plain = 'bwrap --unshare-user --unshare-pid --unshare-net --ro-bind / / --proc /proc'
  if (!does('nsenter --version') || !does(`${plain} true`)) return
  expect(none).toBe(null)
  expect('found' in sandbox && sandbox.found.forbidsNamespaces).toBe(does(`${plain} --disable-userns true`))
})

describe.skipIf(none !== null)(`the sandbox${none === null ? '' : ` (skipped: ${none})`}`, () => {
  it('lets a hostile program reach nothing but its own folder and the doors (T16, T17, E108-E111)', async () => {
    const [door, closed] = await Promise.all([serve('a door'), serve('not a door')])
    const secret = await outsider()
    const abstract = `\0vpd-test-${marker}`
    await listenAt(abstract)
    await listenAt(path.join(root, 'docker.sock'))
    const sleep = String(900_000_000 + Math.floor(Math.random() * 99_999_999))
    const inHome = ['key.json', 'credentials.json', 'policy.yaml', 'cache/shop/config'].map((name) =>
      path.join(home, name),
    )
    const wall = await wallOf([door])
    const asked = {
      reads: [
        ...inHome,
        path.join(folder, 'scratch', 'index'),
        path.join(home, 'cache', 'shop', 'objects', 'one'),
        ...['.ssh', '.aws', '.gitconfig', '.npmrc', '.profile', '.bashrc', '.bash_history', '.docker/config.json'].map(
          (name) => path.join(ownHome(), name),
        ),

        '/etc/shadow',
        '/etc/ssh',
        '/etc/ssl/private',
        '/run/docker.sock',
        '/var/run/docker.sock',
        '/var/lib',
        '/sys',
        '/opt',
        '/mnt',
        `/proc/${process.pid}/environ`,
        '/proc/kcore',
        '/dev/mem',
        '/dev/kmsg',
        path.join(root, 'docker.sock'),
      ],
      writes: [
        '/usr/bin/planted',
        '/etc/passwd',
        '/planted',
        '/bin/sh',
        '/var/planted',
        '/proc/sys/kernel/core_pattern',
        '/proc/sysrq-trigger',
        '/sys/planted',

        path.join(folder, 'planted'),
        path.join(folder, 'tree', 'planted'),
        path.join(folder, 'scratch', 'planted'),

        path.join(folder, 'quarantine', 'planted'),
        path.join(folder, 'context', 'planted'),
        path.join(home, 'planted'),
        path.join(home, 'cache', 'shop', 'objects', 'two'),

        path.join(cwd, 'mine'),
        path.join(folder, 'home', 'mine'),
        path.join(folder, 'state', 'mine'),
        path.join(tmpdir(), `mine-${marker}`),
      ],
      moves: [cwd, path.join(folder, 'state'), path.join(folder, 'home'), folder],
      links: [path.join(home, 'cache', 'shop', 'objects', 'one'), '/bin/su'],
      connect: {
        door: { host: '127.0.0.1', port: door },
        loopback: { host: '127.0.0.1', port: closed },
        metadata: { host: '169.254.169.254', port: 80 },
        internet: { host: '1.1.1.1', port: 443 },
        abstract: { path: abstract },
        named: { path: path.join(root, 'docker.sock') },
      },
      pids: [secret.pid, process.pid],
      sleep,
    }
    const { ended, out, err } = await run(wall, [process.execPath, path.join(cwd, 'probe.mjs'), JSON.stringify(asked)])
    expect([ended.exit, err]).toEqual([0, ''])
    const found = JSON.parse(out) as {
      environs: string
      firstEnviron: string
      commandLines: string[]
      reads: Record<string, string>
      writes: Record<string, string>
      moves: Record<string, string>
      links: Record<string, string>
      sockets: Record<string, string>
      names: string
      resolver: string
      status: string[]
      namespaces: string[]
      mount: number
      calls: string[]
      descriptors: string[]
      killFirst: string
      outsiders: string[]
      memory: string
      cores: string[]
    }

    // Secrets of other processes; the first one there has the step's own environment and nothing else.
    expect(found.environs).not.toContain('environment-canary')
    const given = Object.entries({ ...program(wall, []).env, PWD: cwd }).map(([name, value]) => `${name}=${value}`)
    expect(found.firstEnviron.split('\0').filter(Boolean).toSorted()).toEqual(given.toSorted())
    expect(found.commandLines.join('\n')).not.toContain('sleep 1000')
    // Files: nothing but what the step was given, and none of it outside its folders can be changed.
    const objects = path.join(home, 'cache', 'shop', 'objects', 'one')
    for (const [file, text] of Object.entries(found.reads)) {
      if (file === objects) expect(text).toContain('a canary of cache/shop/objects/one')
      else expect([file, text]).toEqual([file, expect.stringMatching(/^(no: |$)/)])
      if (file !== objects) expect(text).not.toContain('canary')
    }
    // What lies in /tmp outside is private memory inside, so the host is what counts there.
    const mine = new Set(asked.writes.slice(-4))
    for (const [file, text] of Object.entries(found.writes)) {
      if (file !== path.join(home, 'planted')) expect([file, text.startsWith('no: ')]).toEqual([file, !mine.has(file)])
      if (!mine.has(file)) expect((await readFile(file, 'latin1').catch(() => '')).slice(0, 7)).not.toBe('planted')
    }
    expect(await readFile(path.join(cwd, 'mine'), 'utf8')).toBe('planted')
    await expect(readFile(path.join(tmpdir(), `mine-${marker}`))).rejects.toThrow(/ENOENT/)
    // Nothing that vpd follows afterwards can be moved away.
    for (const [name, text] of Object.entries(found.moves))
      expect([name, text]).toEqual([name, expect.stringMatching(/^no: (EBUSY|EROFS|EXDEV|EACCES|ENOENT)/)])
    for (const [name, text] of Object.entries(found.links))
      expect([name, text]).toEqual([name, expect.stringMatching(/^no: /)])
    // Network.
    expect(found.sockets['door']).toContain('a door')
    for (const name of ['loopback', 'metadata', 'internet', 'abstract', 'named'])
      expect([name, found.sockets[name]]).toEqual([name, expect.stringMatching(/^no: /)])
    expect([found.names, found.resolver]).toEqual([expect.stringMatching(/^no: /), expect.stringMatching(/^no: /)])
    // Rights.
    expect(found.status).toEqual([
      'Uid: 1000 1000 1000 1000',
      'CapPrm: 0000000000000000',
      'CapEff: 0000000000000000',
      'CapBnd: 0000000000000000',
      'CapAmb: 0000000000000000',
      'NoNewPrivs: 1',
    ])
    if ('found' in sandbox && sandbox.found.forbidsNamespaces)
      expect(found.namespaces.every((line) => !line.endsWith(' 0'))).toBe(true)
    expect(found.mount).not.toBe(0)
    for (const text of found.calls) expect(['-1 1', 'no perl', '']).toContain(text)
    expect(found.descriptors).toEqual([])
    expect(found.outsiders.every((text) => text === 'no: ESRCH' || text === 'done')).toBe(true)
    expect(secret.exitCode).toBe(null)
    expect(found.cores).toEqual([])
    // Survivors: setsid, double fork, emptied environment, nohup.
    expect(await alive(sleep)).toBe(0)
    expect(await findProcesses({ marker, group: null, folder: null })).toEqual([])
  })

  it('passes exit codes, signals, input and output on, and says when a program is not there', async () => {
    const wall = await wallOf([])
    expect(
      (await run(wall, ['/bin/sh', '-c', 'cat; echo out; echo err >&2; exit 7'], { input: 'in ' })).ended.exit,
    ).toBe(7)
    expect(await run(wall, ['/bin/sh', '-c', 'cat; echo err >&2'], { input: 'wörter' })).toMatchObject({
      out: 'wörter',
      err: 'err\n',
    })
    expect((await run(wall, ['/bin/sh', '-c', 'kill -9 $$'])).ended.exit).toBe(137)
    expect((await run(wall, ['/nothing/here'])).ended.exit).toBe(127)
  })

  it('lets a program that handles TERM end well, and kills one that does not', async () => {
    const wall = await wallOf([])
    for (const [script, graceMillis] of [
      ['trap "echo bye; exit 0" TERM; echo ready; while :; do sleep 0.05; done', 30_000],
      ['trap "" TERM; setsid sleep 1000 & echo ready; while :; do sleep 0.05; done', 200],
    ] as const) {
      const stop = new AbortController()
      let text = ''
      const running = await startProgram(
        program(wall, ['/bin/sh', '-c', script], {
          signal: stop.signal,
          graceMillis,
          onOutput: (bytes) => {
            text += bytes.toString()
            if (text.includes('ready')) stop.abort('cancelled')
          },
        }),
      )
      expect(await running.ended).toMatchObject({ why: 'stopped' })
      expect(text.includes('bye')).toBe(script.includes('bye'))
      expect(await findProcesses({ marker, group: null, folder: null })).toEqual([])
    }
  })

  it('carries large answers, many connections and half-closed ones through a door', async () => {
    const server = net.createServer({ allowHalfOpen: true }, (socket) => {
      let size = 0
      socket.on('data', (bytes: Buffer) => (size += bytes.length))
      socket.on('end', () => socket.end(`got ${size}`))
      socket.on('error', () => {})
    })
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
    endings.push(() => new Promise((closed) => server.close(closed)))
    const wall = await wallOf([(server.address() as AddressInfo).port])
    await writeFile(
      path.join(cwd, 'many.mjs'),
      `import net from 'node:net'
       const one = (size) => new Promise((done, fail) => { let text = ''; const socket = net.connect({ host: '127.0.0.1', port: Number(process.argv[2]), allowHalfOpen: true })
         socket.on('error', fail); socket.on('data', (bytes) => (text += bytes)); socket.on('end', () => done(text)); socket.end(Buffer.alloc(size)) })
       console.log(JSON.stringify(await Promise.all(Array.from({ length: 100 }, (_, at) => one(at * 10_000)))))`,
    )
    const { out, err } = await run(wall, [
      process.execPath,
      path.join(cwd, 'many.mjs'),
      String((server.address() as AddressInfo).port),
    ])
    expect(err).toBe('')
    expect(JSON.parse(out)).toEqual(Array.from({ length: 100 }, (_, at) => `got ${at * 10_000}`))
  })

  it('with the network open, holds files and processes all the same', async () => {
    const port = await serve('outside')
    const wall = await wallOf([], 'open')
    expect(wall.isolation).toMatchObject({ level: 'sandbox', network: 'open' })
    await writeFile(path.join(cwd, 'get.mjs'), `console.log(await (await fetch('http://127.0.0.1:${port}/')).text())`)
    expect((await run(wall, [process.execPath, path.join(cwd, 'get.mjs')])).out).toBe('outside\n')
    expect((await run(wall, ['/bin/sh', '-c', `cat ${home}/key.json; ls ${ownHome()}/.ssh`])).out).toBe('')
  })

  it('covers the runner home where the owner lets steps read what is around it', async () => {
    if (!('found' in sandbox)) return
    const wall = await bubblewrapWall(sandbox.found, {
      home,
      reads: [root],
      borrows: [],
      doors: [],
      network: 'none',
      env: {},
    })
    endings.push(() => wall.close())
    await writeFile(path.join(root, 'given'), 'to be read')
    const { out } = await run(wall, ['/bin/sh', '-c', `cat ${root}/given ${home}/key.json; ls -a ${home}`])
    expect(out).toContain('to be read')
    expect(out).not.toContain('canary')
    expect(out).not.toContain('key.json')
  })

  it('falls with vpd', async () => {
    const at = (file: string) => JSON.stringify(new URL(file, import.meta.url).href)
    await writeFile(
      path.join(root, 'vpd.mjs'),
      `import { startProgram } from ${at('../process/start-program.ts')}
       import { detectBubblewrap } from ${at('./detect.ts')}
       import { bubblewrapWall } from ${at('./bubblewrap.ts')}
       const wall = await bubblewrapWall((await detectBubblewrap()).found, { home: ${JSON.stringify(home)}, reads: [], borrows: [], doors: [49_152], network: 'none', env: {} })
       await startProgram({ argv: ['/bin/sh', '-c', 'setsid sleep 1000 & echo started > started; exec sleep 1001'], cwd: ${JSON.stringify(cwd)}, env: { PATH: '/usr/bin:/bin', VPD_STEP: ${JSON.stringify(marker)} },
         input: 'open', wall, folder: ${JSON.stringify(folder)}, seconds: 100, onOutput: () => {} })`,
    )
    const vpd = spawn(process.execPath, [path.join(root, 'vpd.mjs')], { stdio: 'ignore', cwd: '/' })
    const left = () => findProcesses({ marker, group: null, folder: null })
    const until = async (holds: () => Promise<boolean>): Promise<void> => {
      for (const end = Date.now() + 30_000; !(await holds());) {
        if (Date.now() > end) throw new Error('the condition never held')
        await new Promise((next) => setTimeout(next, 20))
      }
    }
    await until(async () => (await left()).length >= 2)
    vpd.kill('SIGKILL')
    await until(async () => (await left()).length === 0)
  })

  it('forbids user namespaces in two ways, each of which holds alone', async () => {
    if (!('found' in sandbox)) return
    const openings = { home, reads: [], borrows: [], doors: [], network: 'none', env: {} } as const
    const words = async (forbidsNamespaces: boolean): Promise<string[]> => {
      const wall = await bubblewrapWall({ ...sandbox.found, forbidsNamespaces }, openings)
      endings.push(() => wall.close())
      const { open } = await wall.enclose(program(wall, ['/bin/true']))
      return open.flatMap((one) => (typeof one === 'string' ? one.split('\0') : []))
    }
    // The system calls are filtered as well (syscall-filter.test.ts), so a look from inside tells of both at once.
    expect(await words(true)).toContain('--disable-userns')
    expect(await words(false)).not.toContain('--disable-userns')
    expect((await words(true)).includes('--seccomp')).toBe(syscallFilter() !== null)
  })

  it('that cannot be built is a failure with its reason, and nothing runs', async () => {
    const wall = await wallOf([])
    await rm(cwd, { recursive: true })
    await expect(run(wall, ['/bin/sh', '-c', 'echo ran > ../ran'])).rejects.toThrow(
      /wall_failed: The sandbox of the step could not be built: bwrap: /,
    )
  })
})
