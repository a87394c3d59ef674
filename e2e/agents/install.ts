// Installs the real agents in the exact versions of the lock file beside this, once: the drivers of vpd start the platform's binary themselves. Run by the stage `agents` of the
// check and by `npm run bench -- agents`.
import { fileURLToPath } from 'node:url'

import { installOnce } from '../install-once.ts'

await installOnce(fileURLToPath(new URL('.', import.meta.url)), 'the real agents, about 900 MB on disk')
