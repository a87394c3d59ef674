// Installs GitHub's description of its API, Prism and the makers' own clients in the exact versions of the lock file beside this, once. Run by the stage `described` of the check.
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { installOnce } from '../install-once.ts'

const folder = fileURLToPath(new URL('.', import.meta.url))
/** Of eight descriptions, most of them 70 MB, two are read. */
const kept = ['api.github.com.json', 'ghes-3.19.json']

await installOnce(
  folder,
  "GitHub's description of its API, Prism, and clients of GitHub, Slack and Linear, about 120 MB on disk",
  () => {
    const told = join(folder, 'node_modules/@octokit/openapi/generated')
    for (const name of readdirSync(told)) if (!kept.includes(name)) rmSync(join(told, name))
  },
)
