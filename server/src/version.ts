/** Which version is this program? */
import { readFileSync } from 'node:fs'

/** As in server/package.json, which lies one folder up from the sources and from the published bundle. */
export const version = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
).version
