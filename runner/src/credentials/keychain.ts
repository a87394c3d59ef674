/**
 * Is there a keychain of the system, and how are secrets kept in it?
 * macOS has `security`, Linux desktops `secret-tool`. A value goes to them over standard input, never as an argument that others could see.
 */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { findProgram } from '../process/find-program.ts'

export type Keychain = {
  readonly name: string
  /** Keeps a value under an account; replaces one that is there. Throws when the keychain refuses. */
  set(account: string, value: string): Promise<void>
  /** The value, or null when there is none. Throws when the keychain cannot be opened. */
  get(account: string): Promise<string | null>
  remove(account: string): Promise<void>
}

const service = 'viewport-vpd'
// A keychain may ask its owner to unlock it; on a machine without a screen nobody answers.
const patienceMs = 20_000

/** The keychain of this system, or null. `env`: of vpd. It is only named here; `works` tries it. */
export const keychainOf = (
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): Keychain | null => {
  if (platform === 'darwin') {
    const security = findProgram('/usr/bin/security')
    return security ? macOs(security, env) : null
  }
  const tool = platform === 'linux' && env['DBUS_SESSION_BUS_ADDRESS'] ? findProgram('secret-tool', env['PATH']) : null
  return tool ? secretService(tool, env) : null
}

/** Does it really keep and give back? Tried with a value that is no secret. */
export const works = async (keychain: Keychain): Promise<boolean> => {
  const account = `try-${randomBytes(6).toString('hex')}`
  try {
    await keychain.set(account, account)
    return (await keychain.get(account)) === account
  } catch {
    return false
  } finally {
    await keychain.remove(account).catch(() => {})
  }
}

const macOs = (program: string, env: NodeJS.ProcessEnv): Keychain => ({
  name: 'the macOS keychain',
  async set(account, value) {
    // `-i` reads commands from standard input; `-X` takes the value as hexadecimal digits, so that nothing in it is special.
    const hex = Buffer.from(value).toString('hex')
    const { code, err } = await run(
      [program, '-i'],
      env,
      `add-generic-password -U -s ${service} -a "${quoted(account)}" -X ${hex}\n`,
    )
    if (code !== 0 || err.trim() !== '') throw new Error(`the keychain refused: ${firstLine(err)}`)
  },
  async get(account) {
    const { code, out, err } = await run([program, 'find-generic-password', '-s', service, '-a', account, '-w'], env)
    if (code === 44) return null // errSecItemNotFound
    if (code !== 0) throw new Error(`the keychain cannot be read: ${firstLine(err)}`)
    return out.replace(/\n$/, '')
  },
  async remove(account) {
    const { code, err } = await run([program, 'delete-generic-password', '-s', service, '-a', account], env)
    if (code !== 0 && code !== 44) throw new Error(`the keychain refused: ${firstLine(err)}`)
  },
})

const secretService = (program: string, env: NodeJS.ProcessEnv): Keychain => ({
  name: "the desktop's keyring",
  async set(account, value) {
    const { code, err } = await run(
      [program, 'store', `--label=Viewport runner: ${account}`, 'service', service, 'account', account],
      env,
      value,
    )
    if (code !== 0) throw new Error(`the keyring refused: ${firstLine(err)}`)
  },
  async get(account) {
    const { code, out, err } = await run([program, 'lookup', 'service', service, 'account', account], env)
    // 1 without a word: there is none. With words: it could not be asked.
    if (code === 1 && err.trim() === '') return null
    if (code !== 0) throw new Error(`the keyring cannot be read: ${firstLine(err)}`)
    return out.replace(/\n$/, '')
  },
  async remove(account) {
    const { code, err } = await run([program, 'clear', 'service', service, 'account', account], env)
    if (code !== 0 && err.trim() !== '') throw new Error(`the keyring refused: ${firstLine(err)}`)
  },
})

const quoted = (text: string): string => text.replace(/["\\]/g, '\\$&')
const firstLine = (text: string): string => text.trim().split('\n')[0]?.slice(0, 200) || 'without a reason'

const run = (
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  input = '',
): Promise<{ code: number | null; out: string; err: string }> =>
  new Promise((done, fail) => {
    const names = ['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'DBUS_SESSION_BUS_ADDRESS', 'XDG_RUNTIME_DIR']
    const child = spawn(argv[0]!, argv.slice(1), {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]))),
      timeout: patienceMs,
      killSignal: 'SIGKILL',
    })
    let out = ''
    let err = ''
    child.stdout.on('data', (part: Buffer) => (out += part.toString()))
    child.stderr.on('data', (part: Buffer) => (err += part.toString()))
    child.on('error', fail)
    child.on('close', (code) => done({ code, out, err: code === null ? 'it did not answer in time' : err }))
    child.stdin.on('error', () => {}) // it ended before it read; its exit code says why
    child.stdin.end(input)
  })
