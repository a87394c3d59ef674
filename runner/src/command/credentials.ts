/** `vpd credentials`: what this machine holds for whom. It shows everything about a credential but its value. */
import { trimmedEnd } from '@viewportai/core/trimmed'
import { Argument, type Command } from 'commander'
import { classes, type CredentialClass, type Listed } from '../credentials/classes.ts'
import { listCredentials, listLogins } from '../credentials/list.ts'
import { keychainOf } from '../credentials/keychain.ts'
import { forgetKey, keepKey, keyForm, KeysUnusable, toolName } from '../credentials/model-keys.ts'
import { forgetToken, keepToken } from '../credentials/repository-tokens.ts'
import { homeFolder, policyFile, runnerFolder } from '../identity/home.ts'
import { readPairings } from '../identity/pairing.ts'
import { providerName, providers, whyNotAddress } from '../model/providers.ts'
import { mayPass } from '../policy/environment.ts'
import { readPolicy } from '../policy/policy.ts'
import { CommandEnd, exitCodes } from './exit.ts'
import { setProvider } from './set-provider.ts'
import { common, withServer, type Common, type WithServer } from './options.ts'
import { picked } from './picked.ts'
import { plain, printer, table } from './print.ts'
import { readSecret } from './read-secret.ts'

const kinds = Object.keys(classes) as CredentialClass[]

export const addCredentials = (program: Command): void => {
  const credentials = program
    .command('credentials')
    .description('keys and tokens on this machine: what for, from where, last used')
  common(credentials.command('list', { isDefault: true }))
    .description('class, scope, source and last use of each; never a value')
    .addHelpText(
      'after',
      `\nClasses:\n${kinds.map((kind) => `  ${kind.padEnd(9)} ${classes[kind]}`).join('\n')}\n\nExamples:\n  $ vpd credentials\n  $ vpd credentials --json`,
    )
    .action(list)
  withServer(credentials.command('set'))
    .description('keep a key or token; it is typed without being shown, or comes on standard input')
    .addArgument(new Argument('<class>').choices(kinds))
    .argument(
      '<scope>',
      'model: a provider (anthropic, openai, google, or a name of your own with --url); tool: the variable that steps get it in; provider: a tool (github, slack, …), or TOOL/CONNECTION; else the beginning of addresses of repositories, https://…/',
    )
    .option(
      '--url <url>',
      'model: where the provider is; for OpenAI and its like with /v1 at the end. provider: the only address it is sent to',
    )
    .option(
      '--user <name>',
      'checkout, publish: the user name beside the token (default: vpd); provider jira: the e-mail',
    )
    .option(
      '--action <name>',
      'provider: an action it may be used for; several times (default: all of the tool)',
      more,
      [],
    )
    .addHelpText(
      'after',
      "\nKeys of models and secrets of tools lie in the system's keychain where one works, else in a file that its owner alone can read.\n\nExamples:\n  $ vpd credentials set model anthropic\n  $ vpd credentials set model local --url http://127.0.0.1:11434/v1 < key.txt\n  $ vpd credentials set tool NPM_TOKEN\n  $ vpd credentials set provider github --action github.open_pr --action github.comment\n  $ vpd credentials set provider jira --url https://acme.atlassian.net --user viewport@acme.example\n  $ vpd credentials set checkout https://git.acme.example/ --user vpd",
    )
    .action(set)
  withServer(credentials.command('remove'))
    .description('forget a key or token')
    .addArgument(new Argument('<class>').choices(kinds))
    .argument('<scope>', 'as `vpd credentials` shows it')
    .action(remove)
}

const list = async (options: Common): Promise<void> => {
  const print = printer(options.json ?? false)
  const home = homeFolder(options.home)
  const [pairings, policy] = await Promise.all([readPairings(home), readPolicy(policyFile(home))])
  const all = await listCredentials(
    home,
    pairings.map(({ runner }) => runnerFolder(home, runner)),
    policy.tools,
  )
  const logins = await listLogins(policy.logins)
  if (options.json) return print.event({ credentials: all, logins })
  if (all.length === 0) print.line('No keys and no tokens. To begin: `vpd credentials set model anthropic`.')
  else table([['CLASS', 'SCOPE', 'SOURCE', 'LAST USED', ''], ...all.map(row)]).forEach(print.line)
  for (const { agent, used } of logins)
    print.line(
      used
        ? `${agent} is signed in to a subscription; the policy lets it be used: the model gateway is off then, and no cost is known.`
        : `${agent} is signed in to a subscription; it is used when the policy says so (logins: [${agent}]).`,
    )
}

const row = ({ class: kind, scope, source, url, lastUsed, note }: Listed): string[] => [
  kind,
  plain(scope),
  plain(source),
  lastUsed?.slice(0, 16).replace('T', ' ') ?? '-',
  plain([...(url === null ? [] : [url]), ...(note === null ? [] : [note])].join('; ')),
]

const more = (one: string, before: string[]): string[] => [...before, one]

type Given = WithServer & { url?: string; user?: string; action: string[] }

const set = async (kind: CredentialClass, scope: string, options: Given): Promise<void> => {
  const print = printer(options.json ?? false)
  const url = options.url === undefined ? null : trimmedEnd(options.url, '/')
  if (kind === 'provider') return setProvider(scope, url, options)
  if (options.action.length > 0) throw new CommandEnd(exitCodes.usage, '--action is for credentials of class provider.')
  const wrong = whyNot(kind, scope, url)
  if (wrong !== null) throw new CommandEnd(exitCodes.usage, wrong)
  // Found before anything is asked.
  const folder = kind === 'model' || kind === 'tool' ? null : (await picked(options)).folder
  const value = await readSecret(
    `${kind === 'model' ? 'Key' : kind === 'tool' ? 'Value' : 'Token'} for ${scope} (not shown): `,
  )
  if (!keyForm.test(value))
    throw new CommandEnd(
      exitCodes.usage,
      'That is no key: one line of 8 or more visible characters, without blanks. Nothing was kept.',
    )
  const where =
    folder !== null && (kind === 'checkout' || kind === 'publish')
      ? await keepToken(folder, kind, scope, { username: options.user ?? 'vpd', token: value })
      : await orRefused(
          keepKey(
            homeFolder(options.home),
            scope,
            { key: value, url },
            keychainOf(),
            kind === 'tool' ? 'tool' : 'model',
          ),
        )
  print.line(
    kind === 'tool'
      ? `Kept in ${where}. It is handed to the steps that \`tools\` in the policy names for ${scope}.`
      : `Kept in ${where}. Steps that begin from now on use it.`,
  )
  print.event({ kept: { class: kind, scope, source: where } })
}

const remove = async (kind: CredentialClass, scope: string, options: WithServer): Promise<void> => {
  const print = printer(options.json ?? false)
  const gone =
    kind === 'checkout' || kind === 'publish'
      ? await forgetToken((await picked(options)).folder, kind, scope)
      : (kind === 'model' || kind === 'tool' || kind === 'provider') &&
        (await orRefused(forgetKey(homeFolder(options.home), scope, keychainOf(), kind)))
  if (!gone)
    throw new CommandEnd(
      exitCodes.refused,
      `Nothing is kept for ${kind} ${JSON.stringify(scope)}. What comes from the environment is removed there.`,
    )
  print.line(`Forgotten. Take the key back at ${scope} as well if somebody else may have seen it.`)
  print.event({ forgotten: { class: kind, scope } })
}

const orRefused = async <T>(work: Promise<T>): Promise<T> =>
  work.catch((error: unknown) => {
    throw error instanceof KeysUnusable ? new CommandEnd(exitCodes.refused, error.message) : error
  })

/** What is wrong with class, scope and address, or null. */
const whyNot = (kind: CredentialClass, scope: string, url: string | null): string | null => {
  if (kind === 'tool') {
    if (url !== null) return '--url is for keys of models.'
    if (!toolName.test(scope)) return 'The scope is the name of an environment variable, such as NPM_TOKEN.'
    return mayPass(scope)
      ? null
      : `${scope} is a name that changes what code runs, or belongs to vpd: no step is given it.`
  }
  if (kind !== 'model') {
    if (url !== null) return '--url is for keys of models.'
    const isAddress = URL.canParse(scope) && scope.startsWith('https://') && scope.endsWith('/')
    return isAddress
      ? null
      : 'The scope is the beginning of addresses of repositories: https://…/, with a slash at its end.'
  }
  if (!providerName.test(scope)) return 'A provider is named by up to 31 small letters, digits and -.'
  if (url === null && !Object.hasOwn(providers, scope))
    return `Where is ${scope}? Say it with --url. Known without: ${Object.keys(providers).join(', ')}.`
  const wrong = url === null ? null : whyNotAddress(url)
  return wrong === null ? null : `--url: ${wrong}.`
}
