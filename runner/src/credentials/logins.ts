/** Is an agent signed in to a subscription of the owner's? Only whether its file is there: vpd never reads what is in it. */
import { access } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'

/** Where agents keep their login, below the owner's home. */
const files: Readonly<Record<string, readonly string[]>> = {
  claude: ['.claude/.credentials.json'],
  codex: ['.codex/auth.json'],
  gemini: ['.gemini/oauth_creds.json'],
}

/** The files of an agent's login that are there; none when it is not signed in, or when it keeps its login elsewhere (macOS's keychain). */
export const loginFiles = async (agent: string, home = os.homedir()): Promise<string[]> => {
  const all = (Object.hasOwn(files, agent) ? files[agent]! : []).map((file) => path.join(home, file))
  const there = await Promise.all(
    all.map((file) =>
      access(file).then(
        () => true,
        () => false,
      ),
    ),
  )
  return all.filter((_, at) => there[at])
}

/** Agents whose login vpd knows to look for. */
export const agentsWithLogins = Object.keys(files)
