/** Why could a repository not be read, and what makes it readable? Told from git's own words, with the command to type where there is one. */
import { failed, type WorkFailed } from '../work/failure.ts'
import { lastWords } from './last-words.ts'
import type { Remote } from './remote-url.ts'
import type { GitFailed } from './run-git.ts'

/** The failure. `token`: was one sent? Codes: `checkout_token` (none, or one that is not taken), `remote_unreachable`. */
export const unreachable = ({ url, kind }: Remote, error: GitFailed, token: boolean): WorkFailed => {
  const no = (code: string, summary: string, check: string): WorkFailed =>
    failed('checkout', code, summary, check, { cause: error })
  if (kind === 'file') {
    const folder = url.slice('file://'.length)
    if (/dubious ownership/i.test(error.err))
      return no(
        'remote_unreachable',
        `${folder} belongs to another user than the runner, so git does not read it.`,
        'Run vpd as its owner, or name its https:// address.',
      )
    if (/does not appear to be a git repository|not found|No such file/i.test(error.err))
      return no(
        'remote_unreachable',
        `There is no git repository at ${folder} on the machine of the runner.`,
        'Name a folder of that machine which holds one.',
      )
  }
  if (
    kind === 'https' &&
    /could not read (Username|Password)|Authentication failed|terminal prompts disabled|error: (401|403|404)\b|not found|access denied/i.test(
      error.err,
    )
  ) {
    const command = `\`vpd credentials set checkout ${new URL(url).origin}/ --user NAME\``
    return token
      ? no(
          'checkout_token',
          `${url} is not there, or the token that the runner has for it does not let it in: ${lastWords(error.err)}`,
          `Check the address, or set another token on the runner: ${command}`,
        )
      : no(
          'checkout_token',
          `${url} is not there, or asks for a token, and the runner has none for it.`,
          `Check the address, or set a token that may read it, on the runner: ${command}`,
        )
  }
  return no(
    'remote_unreachable',
    `The repository ${url} could not be read: ${lastWords(error.err)}`,
    'Check the address and the network of the runner.',
  )
}
