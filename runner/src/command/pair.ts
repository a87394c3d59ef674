/** `vpd pair --worker`: lets this machine in. */
import type { Command } from 'commander'
import { isRefusal } from '@viewportai/core/refusal'
import { homeFolder, policyFile } from '../identity/home.ts'
import { serverToPair } from '../identity/find-server.ts'
import { pair } from '../identity/pair.ts'
import { readPairings } from '../identity/pairing.ts'
import { readPolicy } from '../policy/policy.ts'
import { wordsOf } from '../wire/refused.ts'
import { capabilitiesOf, detectedWords } from './capabilities.ts'
import { CommandEnd, exitCodes } from './exit.ts'
import { withServer, type WithServer } from './options.ts'
import { plain, printer } from './print.ts'
import { transportMeant, withTransport, type WithTransport } from './transport.ts'

type Options = WithServer & WithTransport & { worker?: boolean; name?: string; pool?: string }

export const addPair = (program: Command): void => {
  withTransport(withServer(program.command('pair')))
    .description('let this machine in: prints a code, and waits until an admin typed it in the web app')
    .option('--worker', 'pair as a runner that carries out work')
    .option('--name <name>', 'the name to ask for (the admin may choose another)')
    .option('--pool <pool>', 'the pool to ask for')
    .addHelpText(
      'after',
      '\nPairing itself is by HTTPS; --transport and --relay are kept for the worker.\n\nExamples:\n  $ vpd pair --worker --transport=polling\n  $ vpd pair --worker --server https://viewport.example --name payments-vps --pool payments-secure',
    )
    .action(run)
}

const run = async (options: Options): Promise<void> => {
  const print = printer(options.json ?? false)
  if (!options.worker) throw new CommandEnd(exitCodes.usage, 'Say what to pair as: `vpd pair --worker`.')
  const transport = transportMeant(options)
  const home = homeFolder(options.home)
  const { server, from } = await serverToPair(options)
  const before = (await readPairings(home)).find((one) => one.server === server)
  if (before)
    throw new CommandEnd(
      exitCodes.refused,
      `This machine is paired with ${server} already, as "${before.name}". Run \`vpd unpair\` first, or use another --home.`,
    )
  if (from === 'this machine') print.aside(`  found a Viewport on this machine: ${server}`)

  const ending = new AbortController()
  const onSignal = (): void => ending.abort()
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  try {
    const policy = await readPolicy(policyFile(home))
    const capabilities = await capabilitiesOf({
      home,
      policy,
      slots: 1,
      mode: 'persistent',
      transport: transport.transport,
    })
    const pairing = await pair({
      home,
      server,
      name: options.name ?? null,
      pool: options.pool ?? null,
      capabilities,
      transport,
      onCode({ page, code, words, expiresInSeconds }) {
        print.line(`  open ${plain(page)} · code: ${plain(code)}`)
        print.line(`  check there: ${words.join(' ')}`)
        print.aside(`  waiting for an admin, at most ${Math.ceil(expiresInSeconds / 60)} minutes; Ctrl-C ends it`)
        print.event({ event: 'code', page, code, words, expiresInSeconds })
      },
      onTrouble: (why) =>
        print.aside(
          why === null
            ? '  the control plane answers again'
            : `  the control plane cannot be reached (${why}); trying again`,
        ),
      signal: ending.signal,
    })
    if (isRefusal(pairing))
      throw new CommandEnd(exitCodes.refused, `Not paired: ${wordsOf(pairing)}`, { refusal: pairing.refusal })
    print.line(`  ✓ approved · paired as "${plain(pairing.name)}"`)
    print.line(`  ✓ detected: ${detectedWords(capabilities)}`)
    print.aside('  next: `vpd worker start` brings it online')
    print.event({
      event: 'paired',
      runner: pairing.runner,
      name: pairing.name,
      pool: pairing.pool,
      server,
      workspace: pairing.workspace,
      agents: capabilities.agents,
      tools: capabilities.tools,
    })
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
  }
}
