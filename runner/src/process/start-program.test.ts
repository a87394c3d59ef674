import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { stepEnvironment } from './environment.ts'
import { detectHolding, type Holding } from './isolation.ts'
import { heldWall } from '../walls/held.ts'
import { startProgram, type Program } from './start-program.ts'
import { findProcesses } from './sweep.ts'

const namespace = await detectHolding()
const ways: [string, Holding][] = [['sweep', { processes: 'sweep', argv: [] }]]
if (namespace.processes === 'pid-namespace') {
  ways.push(['pid namespace', namespace])
  // the watchdog inside the namespace must do without setpriv
  if (namespace.argv[0] === 'setpriv')
    ways.push(['pid namespace without setpriv', { ...namespace, argv: namespace.argv.slice(3) }])
}

let folder = ''
let marker = ''
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'vpd-process-'))
  marker = path.basename(folder)
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const alive = () => findProcesses({ marker, group: null, folder })
/** Waits for a condition, at most ten seconds. */
const until = async (holds: () => Promise<boolean> | boolean): Promise<void> => {
  for (const end = Date.now() + 10_000; !(await holds());) {
    if (Date.now() > end) throw new Error('the condition never held')
    await new Promise((next) => setTimeout(next, 20))
  }
}

describe.each(ways)('a program held by %s', (_name, holding) => {
  const start = async (script: string, also: Partial<Program> = {}) => {
    const out: Buffer[] = []
    const running = await startProgram({
      argv: ['/bin/sh', '-c', script],
      cwd: folder,
      env: stepEnvironment({ home: folder, tmp: folder, marker }),
      input: null,
      wall: heldWall(holding),
      folder,
      seconds: 30,
      onOutput: (bytes) => out.push(bytes),
      ...also,
    })
    return { running, text: () => Buffer.concat(out).toString('utf8') }
  }

  it('passes output, exit code and standard input, and closes the input of a one-shot', async () => {
    const silent = await start('cat; echo end; exit 7')
    expect(await silent.running.ended).toMatchObject({ exit: 7, why: 'exit' })
    expect(silent.text()).toBe('end\n')
    const told = await start('cat', { input: 'wörter' })
    await told.running.ended
    expect(told.text()).toBe('wörter')
  })

  it('gives only listed environment names', async () => {
    process.env['VPD_TEST_CANARY'] = 'canary'
    process.env['NODE_OPTIONS_X'] = 'passed on by name'
    const { running, text } = await start('env', {
      env: stepEnvironment({ home: folder, tmp: folder, marker }, ['NODE_OPTIONS_X', 'VPD_TEST_CANARY', 'LD_PRELOAD']),
    })
    await running.ended
    delete process.env['VPD_TEST_CANARY']
    delete process.env['NODE_OPTIONS_X']
    expect(text()).not.toContain('canary')
    expect(text()).toContain('passed on by name')
    expect(text()).toContain(`HOME=${folder}`)
  })

  it('kills a program that ignores TERM after the grace (F21)', async () => {
    const stop = new AbortController()
    const { running, text } = await start(`trap "" TERM; echo ready; while :; do sleep 0.1; done`, {
      signal: stop.signal,
      graceMillis: 200,
    })
    await until(() => text().includes('ready'))
    stop.abort('cancelled')
    expect(await running.ended).toMatchObject({ why: 'stopped' })
    expect(await alive()).toEqual([])
  })

  it('lets a program that handles TERM end well', async () => {
    const stop = new AbortController()
    const { running, text } = await start(`trap "echo bye; exit 0" TERM; echo ready; while :; do sleep 0.05; done`, {
      signal: stop.signal,
      graceMillis: 9_000,
    })
    await until(() => text().includes('ready'))
    stop.abort('cancelled')
    await running.ended
    expect(text()).toContain('bye')
  })

  it('stops at the time limit', async () => {
    const { running } = await start('sleep 100', { seconds: 0.3, graceMillis: 200 })
    expect(await running.ended).toMatchObject({ why: 'time' })
    expect(await alive()).toEqual([])
  })

  it('leaves no setsid, double-forked or nohup child (F22)', async () => {
    const { running } = await start(
      'setsid sleep 1001 & (setsid sh -c "sleep 1002 & sleep 1003" &) ; nohup sleep 1004 >/dev/null 2>&1 & env -i setsid sleep 1005 & sleep 0.2; exit 0',
    )
    expect(await running.ended).toMatchObject({ exit: 0, why: 'exit' })
    expect(await alive()).toEqual([])
  })

  it('ends soon when a grandchild holds the output (F23)', async () => {
    const { running } = await start('setsid sleep 1000 & exit 0')
    const ended = await running.ended
    expect(ended.exit).toBe(0)
    expect(ended.millis).toBeLessThan(10_000)
  })

  it('survives a gigabyte of output and a line without an end, in bounded memory (F24)', async () => {
    let bytes = 0
    const before = process.memoryUsage().rss
    const { running } = await start('head -c 1000000000 /dev/zero', { onOutput: (b) => void (bytes += b.length) })
    await running.ended
    expect(bytes).toBe(1_000_000_000)
    expect(process.memoryUsage().rss - before).toBeLessThan(300_000_000)
  })

  it('says when the program cannot be started', async () => {
    await expect(start('true', { cwd: path.join(folder, 'not-there') })).rejects.toThrow(/ENOENT/)
  })

  it('dies with vpd, detached children too', async () => {
    await writeFile(
      path.join(folder, 'vpd.mjs'),
      `import { startProgram } from ${JSON.stringify(new URL('./start-program.ts', import.meta.url).href)}
       import { heldWall } from ${JSON.stringify(new URL('../walls/held.ts', import.meta.url).href)}
       import { stepEnvironment } from ${JSON.stringify(new URL('./environment.ts', import.meta.url).href)}
       await startProgram({ argv: ['/bin/sh', '-c', 'setsid sleep 1000 & echo started > started; exec sleep 1001'], cwd: ${JSON.stringify(folder)}, env: stepEnvironment({ home: '/', tmp: '/', marker: ${JSON.stringify(marker)} }),
         input: 'open', wall: heldWall(${JSON.stringify(holding)}), folder: ${JSON.stringify(folder)}, seconds: 100, onOutput: () => {} })`,
    )
    const vpd = spawn(process.execPath, [path.join(folder, 'vpd.mjs')], { stdio: 'ignore', cwd: '/' })
    await until(
      async () =>
        (await readFile(path.join(folder, 'started'), 'utf8').catch(() => '')) !== '' && (await alive()).length >= 2,
    )
    vpd.kill('SIGKILL')
    await until(async () => (await alive()).length === 0)
  })
})
