// How does a room become a package that runs without the clone? (`node setup.mjs bundle server|runner`, run by npm pack)
// The core is compiled in, everything in the room's dependencies stays outside. Every source keeps its own file at the
// same depth, so what lies beside a source (SQL, for example) is found by `new URL('./x.sql', import.meta.url)` in the
// clone and in the package alike.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

import { rolldown } from 'rolldown'

const ROOT = join(import.meta.dirname, '..')

/** Fills ROOM/dist. Throws when a module that is neither ours nor a dependency is imported. */
export async function bundle(room: string): Promise<void> {
  const source = join(ROOT, room, 'src')
  const dist = join(ROOT, room, 'dist')
  const manifest = JSON.parse(readFileSync(join(ROOT, room, 'package.json'), 'utf8')) as Record<string, object>
  const outside = Object.keys({ ...manifest['dependencies'], ...manifest['optionalDependencies'] })

  rmSync(dist, { recursive: true, force: true })
  const build = await rolldown({
    input: [join(source, 'cli.ts'), ...programsIn(source)],
    platform: 'node',
    external: (id) => id.startsWith('node:') || outside.some((name) => id === name || id.startsWith(`${name}/`)),
    transform: { target: 'node20.19' },
    onLog: (_, log) => {
      throw new Error(log.message)
    },
  })
  await build.write({
    dir: dist,
    format: 'esm',
    preserveModules: true,
    preserveModulesRoot: source,
    entryFileNames: '[name].js',
  })
  await build.close()
  copyWhatLiesBeside(source, dist)
}

/** Sources that are started as programs of their own, not imported: those that begin with `#!`. */
function programsIn(source: string): string[] {
  return readdirSync(source, { recursive: true, encoding: 'utf8' })
    .map((name) => join(source, name))
    .filter((file) => file.endsWith('.ts') && readFileSync(file, 'utf8').startsWith('#!'))
}

function copyWhatLiesBeside(source: string, dist: string): void {
  for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || /\.tsx?$/.test(entry.name)) continue
    const from = join(entry.parentPath, entry.name)
    const to = join(dist, relative(source, from))
    mkdirSync(dirname(to), { recursive: true })
    cpSync(from, to)
  }
}

if (import.meta.main) {
  for (const room of process.argv.slice(2)) {
    await bundle(room)
    cpSync(join(ROOT, 'LICENSE'), join(ROOT, room, 'LICENSE'))
    if (room !== 'server') continue
    const web = join(ROOT, 'web/dist')
    if (!existsSync(join(web, 'index.html'))) throw new Error('The web app is not built: run "node setup.mjs prepare".')
    rmSync(join(ROOT, room, 'web-dist'), { recursive: true, force: true })
    cpSync(web, join(ROOT, room, 'web-dist'), { recursive: true })
    rmSync(join(ROOT, room, 'examples'), { recursive: true, force: true })
    cpSync(join(ROOT, 'examples'), join(ROOT, room, 'examples'), { recursive: true })
  }
}
