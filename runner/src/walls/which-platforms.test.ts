/** What does vpd do on each system? The choice by platform, with this machine told to be another one. */
import { afterEach, expect, test, vi } from 'vitest'
import { endOf, exitCodes } from '../command/exit.ts'
import { wallFix } from '../doctor/work.ts'
import { platformRefusal } from './which-platforms.ts'

const own = process.platform
const on = async (platform: string) => {
  Object.defineProperty(process, 'platform', { value: platform })
  vi.resetModules() // what a machine has is remembered
  const { planWall } = await import('./choose.ts')
  const { wallWords } = await import('./wall-words.ts')
  return { planWall, wallWords }
}
afterEach(() => void Object.defineProperty(process, 'platform', { value: own }))
const home = '/nowhere'

test.each(['win32', 'freebsd', 'aix'])(
  'on %s no step is begun, whatever the policy accepts, and it is said why',
  async (platform) => {
    const { planWall, wallWords } = await on(platform)
    for (const level of ['best', 'none', 'user', 'sandbox', 'container'] as const)
      for (const kind of ['agents', 'checks'] as const)
        await expect(planWall({ home, walls: { level, read: [] } }, kind)).rejects.toThrow(/^system_unfit: /)
    // So a machine is neither paired nor looked at nor put online: each of these asks first what is here.
    const { detectCapabilities } = await import('../agent/detect.ts')
    await expect(detectCapabilities({ home, passEnvironment: [], commands: {} })).rejects.toThrow(/^system_unfit: /)
    const { ok, words } = await wallWords({ home })
    expect([ok, words]).toEqual([false, expect.stringContaining(platform === 'win32' ? 'WSL 2' : platform)])
    expect(wallFix('anything', '', platform)).toBe(platformRefusal(platform)!.fix)
  },
)

test('on macOS it is Seatbelt, which this machine does not have: it is asked for and never taken for granted', async () => {
  const { planWall, wallWords } = await on('darwin')
  await expect(planWall({ home, walls: { level: 'sandbox', read: [] } }, 'agents')).rejects.toThrow(
    /^wall_missing: .*the wall sandbox/,
  )
  // Another user and a namespace are for Linux alone, also where vpd is root.
  await expect(planWall({ home, walls: { level: 'user', read: [] } }, 'agents')).rejects.toThrow(/Linux alone/)
  const plan = await planWall({ home }, 'agents')
  expect(plan.isolation).toEqual({
    level: 'none',
    processes: 'sweep',
    modelGateway: false,
    gitGateway: true,
    network: 'open',
  })
  expect(await wallWords({ home })).toMatchObject({
    ok: null,
    words: expect.stringContaining('No sandbox: ') as string,
  })
})

test('Linux and macOS do work', () => {
  expect([platformRefusal('linux'), platformRefusal('darwin')]).toEqual([null, null])
})

test('a command that comes to such a no ends with it, and with the code of a refusal', async () => {
  await on('win32')
  const { failed } = await import('../work/failure.ts')
  const { endOf: endThere } = await import('../command/exit.ts')
  expect(endThere(failed('runner', 'system_unfit', 'Not here.', 'Go there.'))).toMatchObject({
    code: exitCodes.refused,
    message: 'Not here. Go there.',
  })
  expect(endOf(new Error('x')).code).toBe(exitCodes.fault)
})
