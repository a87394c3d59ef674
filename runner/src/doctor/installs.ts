/** Can checks install packages here: does the policy let them reach a registry, and does it answer from this machine? */
import net from 'node:net'
import type { Isolation } from '@viewportai/core/run/facts'
import { allowCommand } from '@viewportai/core/try/installs'
import type { Policy } from '../policy/policy.ts'
import { wayTo } from '../walls/egress-proxy.ts'
import { bad, good, known, type Finding } from './finding.ts'

/** Stands for all of `registries`: the one that most repositories ask. */
const usual = 'registry.npmjs.org'
const mostHosts = 5
const patienceMs = 3_000

type Ask = {
  readonly network: Policy['network']
  /** Of the wall around agents, as it was detected. */
  readonly isolation: Pick<Isolation, 'level' | 'network'>
  /** What is asked for the word `registries`. */
  readonly usualHost?: string
}

/** Looks at the policy, and asks each named host for a connection, three seconds at most; nothing is sent on it. */
export const installFindings = async ({ network, isolation, usualHost = usual }: Ask): Promise<Finding[]> => {
  const what = 'installs'
  const held = ['sandbox', 'container'].includes(isolation.level)
  if (!held) return [good(what, 'no wall holds the network: checks reach any registry')]
  if (network.checks === 'open') return [good(what, 'the policy lets checks reach every host')]
  if (network.checks.length === 0)
    return [
      known(
        what,
        'checks reach no registry: those that install packages (npm ci, go test, …) fail',
        `Run \`${allowCommand(['registries'])}\`, or name your own registries there, where repositories need it; then start the worker again.`,
      ),
    ]
  const asked = network.checks.filter((one) => !one.startsWith('*.')).slice(0, mostHosts)
  const found = await Promise.all(asked.map((one) => hostFinding(one, { network, isolation, usualHost })))
  const wrong = found.filter((one) => one !== null)
  return wrong.length > 0 ? wrong : [good(what, `checks reach ${network.checks.join(', ')}`)]
}

const hostFinding = async (named: string, { network, usualHost = usual }: Ask): Promise<Finding | null> => {
  const what = 'installs'
  const word = named === 'registries'
  const [host = '', port = '443'] = (word ? usualHost : named).split(':')
  const hosts = network.checks === 'open' ? [] : [...network.checks, ...(word ? [usualHost] : [])]
  const near = word && usualHost !== usual ? [usualHost] : network.near
  const way = await wayTo({ hosts, near, doors: [] }, host, Number(port))
  const why = 'why' in way ? way.why : await whyNoConnection(way)
  if (why === null) return null
  const words = `checks may reach ${word ? `${named} (${host} was asked)` : named}, and cannot: ${why}`
  if (/not on the public internet/.test(why))
    return bad(what, words, `If it is a registry of your own: \`${allowCommand([named])} --near\`.`)
  const fix = `Outgoing connections of this machine to ${host}:${port} must be let through; or take it out of network.checks in the policy.`
  // Whoever allowed all the usual registries may need another one than npm's.
  return word ? known(what, words, fix) : bad(what, words, fix)
}

/** Null: somebody listens there. */
const whyNoConnection = ({ address, port }: { readonly address: string; readonly port: number }) =>
  new Promise<string | null>((done) => {
    const socket = net.connect({ host: address, port })
    const end = (why: string | null): void => {
      socket.destroy()
      done(why)
    }
    socket.setTimeout(patienceMs, () => end(`nothing answered within ${patienceMs / 1_000} seconds`))
    socket.once('connect', () => end(null))
    socket.once('error', (error: NodeJS.ErrnoException) => end(`no connection (${error.code ?? error.message})`))
  })
