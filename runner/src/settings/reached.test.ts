/** Which files are held against the base before a hook of a repository runs: with real git, what its command reaches in turn. */
import { expect, test } from 'vitest'
import { testRemote, type Files } from '../git/remote.fixture.ts'
import { namedIn, reachedAt } from './reached.ts'

const files = {
  '.claude/hooks/guard.sh': '. "$(dirname "$0")/lib/common.sh"\nsource scripts/rules.sh\nnode ./tools/check.mjs\n',
  '.claude/hooks/lib/common.sh': 'deny() { exit 2; }\n',
  '.claude/hooks/other.sh': 'echo never named\n',
  '.claude/settings.json': '{}',
  'scripts/rules.sh': 'cat policy.txt\n',
  'policy.txt': 'no pushes\n',
  'tools/check.mjs': "import { rules } from './rules.mjs'\nimport('../lib/deep')\n",
  'tools/rules.mjs': 'export const rules = []\n',
  'lib/deep.js': 'require("./leaf.json")\n',
  'lib/leaf.json': '{}',
  'py/main.py': 'from helpers.more import x\nimport plain\n',
  'py/plain.py': '',
  'helpers/more.py': '',
  'package.json': '{}',
  'src/price.js': '',
}
const reached = async (commands: string[], more: Files = {}) => {
  const remote = await testRemote({ ...files, ...more })
  const found = await reachedAt(remote.dir, remote.tip('main')!, commands)
  return typeof found === 'string'
    ? found
    : { files: found.files.map((one) => one.path).toSorted(), folders: found.folders }
}

test('a script that sources another is held with it, and with what that names, wherever it stands', async () => {
  expect(await reached(['"$CLAUDE_PROJECT_DIR"/.claude/hooks/guard.sh'])).toEqual({
    files: [
      '.claude/hooks/guard.sh',
      '.claude/hooks/lib/common.sh',
      '.claude/hooks/other.sh',
      'lib/deep.js',
      'lib/leaf.json',
      'policy.txt',
      'scripts/rules.sh',
      'tools/check.mjs',
      'tools/rules.mjs',
    ],
    folders: ['.claude/hooks'],
  })
})
test('modules are found without their endings', async () => {
  expect(await reached(['python3 py/main.py'])).toEqual({
    files: ['helpers/more.py', 'py/main.py', 'py/plain.py'],
    folders: [],
  })
})
test('files that name each other are an end', async () => {
  const more = { 'a.sh': '. ./b.sh\n', 'b.sh': '. ./a.sh\n' }
  expect(await reached(['sh a.sh'], more)).toEqual({ files: ['a.sh', 'b.sh'], folders: [] })
})
test('what names nothing of the repository reaches nothing', async () => {
  expect(await reached(['npm run lint', 'true'])).toEqual({ files: [], folders: [] })
})
test('a link is not watched, wherever it is named', async () => {
  const more = { 'a.sh': '. ./b.sh\n', 'b.sh': { to: 'src/price.js' } }
  for (const command of ['sh a.sh', './b.sh'])
    expect(await reached([command], more)).toBe('they reach b.sh, which is a link or too long')
})
test('more than can be watched is told', async () => {
  const more = Object.fromEntries(Array.from({ length: 201 }, (_, at) => [`many/${at}.sh`, `. many/${at + 1}.sh\n`]))
  expect(await reached(['sh many/0.sh'], more)).toBe('they reach more than 200 files')
})
test('a name is a name, and no word of it', () => {
  const all = new Set(['package.json', 'a.sh', 'x/a.sh', 'x/y.sh'])
  expect(namedIn('x/y.sh', 'package a b.sh x', all)).toEqual([])
  expect(namedIn('x/y.sh', '. "$HERE/a.sh"; cat package.json', all).toSorted()).toEqual([
    'a.sh',
    'package.json',
    'x/a.sh',
  ])
})
