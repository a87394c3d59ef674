// What can a hostile program reach from inside? Run behind the wall with one JSON argument; prints one JSON object. Plain JavaScript: it is started as it is.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import dns from 'node:dns/promises'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'

const asked = JSON.parse(process.argv[2])
const attempt = (work) => {
  try {
    const found = work()
    return found === undefined ? 'done' : String(found)
  } catch (error) {
    return `no: ${error.code ?? error.message}`
  }
}
const connect = (to) =>
  new Promise((done) => {
    const socket = net.connect(to)
    socket.setTimeout(3_000, () => (done('no: time'), socket.destroy()))
    socket.once('error', (error) => done(`no: ${error.code}`))
    socket.once('connect', () => socket.end('GET /from-inside HTTP/1.0\r\n\r\n'))
    let text = ''
    socket.on('data', (bytes) => (text += bytes))
    socket.once('end', () => done(`reached ${text.slice(-20)}`))
  })

const answer = {}
answer.environs = fs
  .readdirSync('/proc')
  .filter((name) => /^\d+$/.test(name))
  .map((pid) => attempt(() => fs.readFileSync(`/proc/${pid}/environ`, 'latin1')))
  .join('\n')
answer.firstEnviron = attempt(() => fs.readFileSync('/proc/1/environ', 'latin1'))
answer.commandLines = fs
  .readdirSync('/proc')
  .filter((name) => /^\d+$/.test(name))
  .map((pid) => attempt(() => fs.readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ')))
answer.reads = Object.fromEntries(
  asked.reads.map((file) => [
    file,
    attempt(() =>
      fs.statSync(file).isDirectory() ? fs.readdirSync(file).join(' ') : fs.readFileSync(file, 'latin1').slice(0, 60),
    ),
  ]),
)
answer.writes = Object.fromEntries(asked.writes.map((file) => [file, attempt(() => fs.writeFileSync(file, 'planted'))]))
answer.moves = Object.fromEntries(
  asked.moves.map((folder) => [
    folder,
    attempt(() => {
      fs.renameSync(folder, `${folder}-moved`)
      fs.symlinkSync('/etc', folder)
    }),
  ]),
)
answer.links = Object.fromEntries(
  asked.links.map((file) => [file, attempt(() => fs.linkSync(file, path.join(process.cwd(), 'a-hard-link')))]),
)
answer.sockets = {}
for (const [name, to] of Object.entries(asked.connect)) answer.sockets[name] = await connect(to)
answer.names = await dns.lookup('example.com').then(String, (error) => `no: ${error.code}`)
answer.resolver = await new dns.Resolver({ timeout: 500, tries: 1 })
  .resolve4('example.com')
  .then(String, (error) => `no: ${error.code}`)
answer.status = fs
  .readFileSync('/proc/self/status', 'utf8')
  .split('\n')
  .filter((line) => /^(Uid|CapEff|CapPrm|CapBnd|CapAmb|NoNewPrivs)/.test(line))
  .map((line) => line.replaceAll(/\s+/g, ' '))
answer.namespaces = ['-U', '-Ur', '-n', '-m', '-p'].map(
  (word) => `${word} ${spawnSync('unshare', [word, 'true']).status}`,
)
// Raw system calls: by perl, which most systems have. The session keyring's id, and a user namespace by clone.
const calls = { x64: { keyctl: 250, clone: 56 }, arm64: { keyctl: 219, clone: 220 } }[process.arch]
const perl = (script) => spawnSync('perl', ['-e', script], { encoding: 'utf8' }).stdout ?? 'no perl'
answer.calls = calls
  ? [
      perl(`$!=0; print syscall(${calls.keyctl}, 0, -3, 1), ' ', $!+0`),
      perl(`$!=0; $pid = syscall(${calls.clone}, 0x10000011, 0, 0, 0, 0); print $pid, ' ', $!+0 if $pid`),
    ]
  : []
answer.mount = spawnSync('mount', ['-t', 'tmpfs', 'none', '/tmp']).status
answer.descriptors = fs.readdirSync('/proc/self/fd').flatMap((fd) => {
  const target = attempt(() => fs.readlinkSync(`/proc/self/fd/${fd}`))
  return Number(fd) > 2 && /^(net|user|mnt|pid):|^socket:/.test(target) ? [target] : []
})
answer.killFirst = attempt(() => process.kill(1, 'SIGKILL'))
answer.outsiders = asked.pids.map((pid) => attempt(() => process.kill(pid, 0)))
answer.memory = attempt(() => fs.openSync('/proc/1/mem', 'r+'))
answer.interfaces = attempt(
  () =>
    Object.keys(
      JSON.parse(
        JSON.stringify(
          execFileSync('cat', ['/proc/net/dev'], { encoding: 'utf8' })
            .split('\n')
            .slice(2)
            .map((line) => line.split(':')[0].trim())
            .filter(Boolean),
        ),
      ),
    ).length,
)
spawnSync('sh', ['-c', 'ulimit -c unlimited; kill -ABRT $$'], { cwd: process.cwd() })
answer.cores = fs.readdirSync(process.cwd()).filter((name) => name.startsWith('core'))
for (const words of [
  ['setsid', 'sleep', asked.sleep],
  ['sh', '-c', `(env -i setsid sleep ${asked.sleep} &) &`],
  ['nohup', 'sleep', asked.sleep],
])
  spawn(words[0], words.slice(1), { detached: true, stdio: 'ignore' }).unref()
process.stdout.write(JSON.stringify(answer))
