/** Is what vpd keeps on the disk whole, and readable by its owner alone? */
import { existsSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { credentialsFolder } from '../credentials/model-keys.ts'
import { isMissing } from '../disk/durable.ts'
import { policyFile, runnerFolder } from '../identity/home.ts'
import { readKey } from '../identity/key.ts'
import { keyFileOf, type Pairing } from '../identity/pairing.ts'
import { PolicyInvalid, readPolicy, type Policy } from '../policy/policy.ts'
import { bad, good, type Finding } from './finding.ts'

/** The policy with what is to say about it; null when it cannot be used. */
export const readPolicyFinding = async (home: string): Promise<{ policy: Policy | null; findings: Finding[] }> => {
  const file = policyFile(home)
  try {
    const policy = await readPolicy(file)
    if (!existsSync(file)) return { policy, findings: [good('policy', `${file} is not there: the defaults hold`)] }
    const open = await opened(file, 0o022)
    const words = open ? `${file} can be changed by others (mode ${open})` : file
    return { policy, findings: [open ? bad('policy', words, `Run \`chmod go-w '${file}'\`.`) : good('policy', words)] }
  } catch (error) {
    if (!(error instanceof PolicyInvalid)) throw error
    return {
      policy: null,
      findings: error.problems.map((words) => bad('policy', words, 'Mend that line; no worker starts before.')),
    }
  }
}

/** Keys and the folders around them: of the home, and of each pairing. Looked at before anything is read, which would close them. */
export const secretFindings = async (home: string, pairings: readonly Pairing[]): Promise<Finding[]> => {
  const places = [
    home,
    ...(await filesIn(credentialsFolder(home))),
    ...pairings.flatMap(({ runner }) => [
      runnerFolder(home, runner),
      keyFileOf(home, runner),
      path.join(runnerFolder(home, runner), 'credentials.json'),
    ]),
  ]
  const found: Finding[] = []
  for (const place of places) {
    const open = await opened(place, place === home ? 0o022 : 0o077)
    if (open)
      found.push(
        bad(
          'secrets',
          `${place} is open to others (mode ${open})`,
          `Run \`chmod go-rwx '${place}'\`, and think about who read it.`,
        ),
      )
  }
  for (const { name, runner, server } of pairings)
    await readKey(keyFileOf(home, runner)).catch((error: Error) =>
      found.push(
        bad(
          'secrets',
          `the key of "${name}" cannot be used: ${error.message}`,
          `Pair again: \`vpd unpair --server ${server} --yes\`, then \`vpd pair --worker --server ${server}\`.`,
        ),
      ),
    )
  return found.length ? found : [good('secrets', 'keys and tokens are readable by their owner alone')]
}

const filesIn = async (folder: string): Promise<string[]> => {
  const names = await readdir(folder).catch((error: unknown) => {
    if (isMissing(error)) return null
    throw error
  })
  return names === null ? [] : [folder, ...names.map((name) => path.join(folder, name))]
}

/** The mode in octal when it holds one of these bits, else null. Windows has no such modes: its access lists are not looked at. */
const opened = async (place: string, bits: number): Promise<string | null> => {
  if (process.platform === 'win32') return null
  const found = await stat(place).catch(() => null)
  return found && (found.mode & bits) !== 0 ? (found.mode & 0o777).toString(8) : null
}
