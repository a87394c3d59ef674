/** `vpd credentials set provider`: how does the credential of a tool get onto this machine? The tool is asked whose it is before it is kept. */
import { actingNames, type Acting } from '@viewportai/core/tools/acting'
import { NoWholeAnswer, NotSent } from '@viewportai/core/tools/outside'
import type { Account } from '@viewportai/core/tools/port'
import { placeOf } from '@viewportai/core/wire/holding'
import { keychainOf } from '../credentials/keychain.ts'
import { keepKey, keyForm, KeysUnusable } from '../credentials/model-keys.ts'
import { readScope } from '../credentials/provider-credentials.ts'
import { homeFolder } from '../identity/home.ts'
import { whyNotAddress } from '../model/providers.ts'
import { askOutside } from '../outside/ask-outside.ts'
import { errandsAt } from '../outside/errands-at.ts'
import { CommandEnd, exitCodes } from './exit.ts'
import type { Common } from './options.ts'
import { plain, printer } from './print.ts'
import { readSecret } from './read-secret.ts'

type Given = Common & { readonly user?: string; readonly action: readonly string[] }
type Meant = {
  readonly tool: string
  readonly acting: Acting
  readonly at: string
  readonly actions: readonly string[]
}

/** Reads the secret, asks the tool, keeps it. Ends the command with what is wrong; nothing is kept then. */
export const setProvider = async (scope: string, url: string | null, options: Given): Promise<void> => {
  const print = printer(options.json ?? false)
  const { tool, acting, at, actions } = meant(scope, url, options)
  const secret = await readSecret(`${acting.secret} for ${scope} (not shown): `)
  const wrong = flawOf(tool, secret)
  if (wrong !== null) throw new CommandEnd(exitCodes.usage, `${wrong} Nothing was kept.`)
  const account = await whose({ tool, acting, at }, secret, options.user)
  const where = await keepKey(
    homeFolder(options.home),
    scope,
    {
      key: secret,
      url: at,
      user: options.user,
      actions,
      account,
    },
    keychainOf(),
    'provider',
  ).catch((error: unknown) => {
    throw error instanceof KeysUnusable ? new CommandEnd(exitCodes.refused, error.message) : error
  })
  print.line(
    `Kept in ${where}${account === null ? '' : `, as ${plain(account.name)}`}. It is sent to ${at} alone, for ${actions.join(', ')}.`,
  )
  print.line('A worker that runs tells of it within seconds.')
  print.event({ kept: { class: 'provider', scope, source: where, account: account?.name ?? null, url: at, actions } })
}

const usage = (words: string): CommandEnd => new CommandEnd(exitCodes.usage, words)

const meant = (scope: string, url: string | null, { user, action }: Given): Meant => {
  const read = readScope(scope)
  if (!read)
    throw usage(
      `The scope is a tool, or TOOL/CONNECTION for one connection of it. There are ${actingNames.join(', ')}.`,
    )
  const { tool, connection, acting } = read
  if (tool === 'webhook' && connection === null)
    throw usage('A webhook target is kept by its name: webhook/NAME, as the connection is called.')
  const at = url ?? acting.usual
  if (at === null) throw usage(`Where is ${tool}? Say it with --url, as the connection says it.`)
  const wrong = whyNotAddress(at)
  if (wrong !== null) throw usage(`--url: ${wrong}.`)
  if (acting.user !== null && user === undefined)
    throw usage(`${tool} wants the ${acting.user} of the account: --user.`)
  if (acting.user === null && user !== undefined)
    throw usage(`${tool} takes no --user: its ${acting.secret} tells who it is.`)
  const known = [...Object.keys(acting.actions), ...errandsAt(tool).map((one) => one.action)]
  const odd = action.find((name) => !known.includes(name))
  if (odd !== undefined) throw usage(`${odd} is no action of ${tool}. There are ${known.join(', ')}.`)
  return { tool, acting, at: placeOf(at), actions: action.length > 0 ? action : [`${tool}.*`] }
}

const flawOf = (tool: string, secret: string): string | null => {
  if (secret.startsWith('-----BEGIN'))
    return "That is the private key of an App. A runner keeps a token of an account; an App's key is kept by the control plane."
  if (!keyForm.test(secret)) return 'That is no secret: one line of 8 or more visible characters, without blanks.'
  return tool === 'webhook' && !/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/.test(secret)
    ? 'The secret of a webhook target is whsec_ followed by at least 24 bytes in base64.'
    : null
}

/** Whose it is, by the tool's word. */
const whose = async (
  { tool, acting, at }: Pick<Meant, 'tool' | 'acting' | 'at'>,
  secret: string,
  user: string | undefined,
): Promise<Account | null> => {
  if (acting.who === null) return null
  const outside = askOutside({ at, signal: AbortSignal.timeout(60_000), left: async () => {} })
  const settings = { [acting.at]: at, ...(acting.user !== null && { [acting.user]: user ?? '' }) }
  const said = await acting.who({ settings, secrets: { [acting.secret]: secret } }, outside).catch((error: unknown) => {
    if (error instanceof NotSent || error instanceof NoWholeAnswer) return { problem: `${error.message}.` }
    throw error
  })
  if ('problem' in said)
    throw new CommandEnd(
      exitCodes.refused,
      `${tool} was asked whose it is: ${said.problem.replaceAll(secret, '[secret]')} Nothing was kept.`,
    )
  return said.account
}
