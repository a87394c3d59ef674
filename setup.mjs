// How does a fresh clone become a running program?
// Plain JavaScript for Node 20 and later, without any package: it runs before anything is installed.
//
//   node setup.mjs start [options]   install and build what is missing, then run the server with a sample team
//   node setup.mjs test [stages]     install and build what is missing, then run the whole check
//   node setup.mjs prepare           what `npm ci` does at its end: build the web app
//   node setup.mjs bundle ROOM       what `npm pack` does first: make the room ready to publish
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(fileURLToPath(import.meta.url))
const modules = join(root, 'node_modules')
const stamps = join(modules, '.viewport')
const node = join(modules, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')

const [task, ...rest] = process.argv.slice(2)
switch (task) {
  case 'start':
    console.log('Starting Viewport ...')
    await ready()
    await run(node, [join(root, 'server/src/cli.ts'), 'up', '--sample', ...rest])
    break
  case 'test':
    await ready()
    await run(node, [join(root, 'check/main.ts'), ...rest])
    break
  case 'bundle':
    await ready()
    await run(node, [join(root, 'check/bundle.ts'), ...rest])
    break
  case 'prepare':
    await prepare()
    break
  default:
    console.error('Usage: node setup.mjs start|test|bundle|prepare')
    process.exit(2)
}

/** Packages installed as the lock file says, and the web app built from the sources as they are. */
async function ready() {
  if (!existsSync(node) || stamp('packages') !== digest([join(root, 'package-lock.json')])) await install()
  if (webIsOld()) await buildWeb()
}

async function install() {
  const since = Date.now()
  console.log('Installing the packages, about 20 seconds with a fast line ...')
  const progress = setInterval(() => console.log(`  ${seconds(since)} s, still installing ...`), 5000)
  const npm = process.env.npm_execpath
  const words = ['ci', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error']
  const { code, output } = npm?.endsWith('.js')
    ? await capture(process.execPath, [npm, ...words])
    : await capture('npm', words, { shell: process.platform === 'win32' })
  clearInterval(progress)
  if (code !== 0) {
    // npm names the registry in its errors, which may be a private one: the reason matters, the host does not.
    console.error(output.replaceAll(/https?:\/\/[^\s/]+/g, 'the registry'))
    console.error('The packages could not be installed. Run "npm ci" to see more, then try again.')
    process.exit(1)
  }
  if (!existsSync(node)) {
    console.error('The packages are installed, but not the Node that comes with them: npm ran no install scripts.')
    console.error('Allow them for this clone with "npm ci --ignore-scripts=false", then try again.')
    process.exit(1)
  }
  console.log(`Installed in ${seconds(since)} s.`)
}

async function prepare() {
  writeStamp('packages', digest([join(root, 'package-lock.json')]))
  if (!existsSync(join(root, 'web/index.html'))) return
  const { code, output } = webIsOld() ? await viteBuild() : { code: 0, output: '' }
  // The install itself is fine, and whoever mends the web app needs it.
  if (code !== 0) console.error(`${output}\nThe packages are installed, but the web app does not build.`)
}

async function buildWeb() {
  const since = Date.now()
  console.log('Building the web app ...')
  const { code, output } = await viteBuild()
  if (code !== 0) {
    console.error(output)
    console.error('The web app does not build: see above.')
    process.exit(1)
  }
  console.log(`Built in ${seconds(since)} s.`)
}

async function viteBuild() {
  const digestBefore = webDigest()
  const result = await capture(node, [join(modules, 'vite/bin/vite.js'), 'build'], { cwd: join(root, 'web') })
  if (result.code === 0) writeStamp('web', digestBefore)
  return result
}

function webIsOld() {
  return !existsSync(join(root, 'web/dist/index.html')) || stamp('web') !== webDigest()
}

function webDigest() {
  // Its guides are the pages of docs/ (web/src/guides).
  const parts = ['web', 'core/src', 'docs/integrations'].flatMap((folder) => files(join(root, folder)))
  return digest([
    join(root, 'package-lock.json'),
    ...parts,
    ...['api', 'runner', 'workflow'].map((page) => join(root, `docs/${page}.md`)),
  ])
}

/** Every file below a folder that goes into a build, in a fixed order. */
function files(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !['node_modules', 'dist'].includes(entry.name) && !/\.test\.tsx?$/.test(entry.name))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? files(join(folder, entry.name)) : [join(folder, entry.name)]))
}

function digest(paths) {
  const hash = createHash('sha256')
  for (const path of paths) hash.update(path.slice(root.length)).update('\0').update(readFileSync(path)).update('\0')
  return hash.digest('hex')
}

function stamp(name) {
  const path = join(stamps, name)
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}

function writeStamp(name, text) {
  mkdirSync(stamps, { recursive: true })
  rmSync(join(stamps, name), { force: true })
  writeFileSync(join(stamps, name), text)
}

function seconds(since) {
  return ((Date.now() - since) / 1000).toFixed(1)
}

/** Runs a command in the background and gives its exit code and all it said. */
function capture(command, words, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, words, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], ...options })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
    const end = passSignalsTo(child)
    child.on('error', (error) => resolve({ code: 1, output: `${command}: ${error.message}` }))
    child.on('close', (code, signal) => {
      end()
      if (signal) endBy(signal)
      else resolve({ code, output })
    })
  })
}

/** Runs a command in the foreground and ends as it ends. */
function run(command, words) {
  const env = { ...process.env, PATH: [join(modules, '.bin'), process.env.PATH].join(delimiter) }
  return new Promise(() => {
    const child = spawn(command, words, { stdio: 'inherit', env })
    passSignalsTo(child)
    endWithParent(child)
    child.on('error', (error) => {
      console.error(`Could not start ${command}: ${error.message}`)
      process.exit(1)
    })
    child.on('exit', (code, signal) => (signal ? endBy(signal) : process.exit(code)))
  })
}

/** At a terminal Ctrl-C reaches the child by itself; a signal sent to this process alone is passed on. */
function passSignalsTo(child) {
  const pass = (signal) => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, pass)
  return () => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(signal, pass)
  }
}

/** The shell between npm and this process may be ended by a signal that it passes to nobody; then everything ends in order. */
function endWithParent(child) {
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    child.kill('SIGTERM')
  }, 300)
  watch.unref()
}

function endBy(signal) {
  process.exit(128 + (constants.signals[signal] ?? 0))
}
