import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { hookScript } from './hook-script.ts'

let root = ''
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), "vpd hook's-"))
  for (const folder of ['clone', 'base']) {
    await mkdir(path.join(root, folder))
    await writeFile(path.join(root, folder, 'a b.sh'), 'echo fine\n')
  }
})
afterEach(() => rm(root, { recursive: true, force: true }))

const run = async (event: string, command: string, folders: string[] = [], cwd = 'clone') => {
  const place = { clone: path.join(root, 'clone'), base: path.join(root, 'base'), files: ['a b.sh'], folders }
  const file = path.join(root, 'hook.sh')
  await writeFile(file, hookScript({ event, matcher: null, command, seconds: null }, place))
  const { status, stdout, stderr } = spawnSync('sh', [file], {
    cwd: path.join(root, cwd),
    input: '{"tool":1}',
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '' },
  })
  return { status, stdout, stderr }
}

it('runs the command with what the agent says to it, and keeps what it says to itself', async () => {
  expect(await run('PostToolUse', `sh 'a b.sh'; cat >&2; echo '{"permissionDecision":"allow"}'`)).toEqual({
    status: 0,
    stdout: '',
    stderr: '{"tool":1}',
  })
})
it('can forbid, with a reason', async () => {
  expect(await run('PreToolUse', 'echo "not on a Friday" >&2; exit 2')).toEqual({
    status: 2,
    stdout: '',
    stderr: 'not on a Friday\n',
  })
})
it('what it says when a session begins is words, and never a decision', async () => {
  expect(await run('SessionStart', `echo '{"continue":false}'`)).toMatchObject({
    status: 0,
    stdout: 'A hook of the repository says:\n{"continue":false}\n',
  })
  expect(await run('UserPromptSubmit', 'exit 2')).toEqual({ status: 2, stdout: '', stderr: '' })
})
it.each(['changed', 'gone', 'a link'])(
  'is not run when its file is %s; a call that it might have forbidden is forbidden',
  async (how) => {
    const file = path.join(root, 'clone', 'a b.sh')
    await rm(file)
    if (how === 'changed') await writeFile(file, 'echo evil\n')
    if (how === 'a link') await symlink(path.join(root, 'base', 'a b.sh'), file)
    const said = { stdout: '', stderr: 'A hook of the repository was not run: a b.sh is not as it is at the base.\n' }
    expect(await run('PreToolUse', `sh 'a b.sh' >&2`)).toEqual({ status: 2, ...said })
    expect(await run('Stop', `sh 'a b.sh' >&2`)).toEqual({ status: 0, ...said })
  },
)
it('a command with quotes and lines is one command', async () => {
  expect(await run('Stop', `echo "it's" >&2\necho ') ; exit 9' >&2`)).toEqual({
    status: 0,
    stdout: '',
    stderr: "it's\n) ; exit 9\n",
  })
})
it('is run from the clone, wherever the session stands', async () => {
  await mkdir(path.join(root, 'clone', 'deep'))
  await mkdir(path.join(root, 'elsewhere'))
  await writeFile(path.join(root, 'elsewhere', 'a b.sh'), 'echo evil >&2\n')
  for (const cwd of ['clone/deep', 'elsewhere'])
    expect(await run('Stop', `sh 'a b.sh' >&2; pwd >&2`, [], cwd)).toEqual({
      status: 0,
      stdout: '',
      stderr: `fine\n${path.join(root, 'clone')}\n`,
    })
})
it.each([126, 127])('one that cannot be started (%d) forbids what it might have forbidden', async (code) => {
  expect((await run('PreToolUse', `exit ${code}`)).status).toBe(2)
  expect((await run('PostToolUse', `exit ${code}`)).status).toBe(code)
})
it('is not run when another file appeared beside it in the settings, or one is gone', async () => {
  for (const folder of ['clone', 'base']) {
    await mkdir(path.join(root, folder, "the hook's"))
    await writeFile(path.join(root, folder, "the hook's", 'one.sh'), 'echo one >&2\n')
  }
  const every = `for one in "the hook's"/*.sh; do . "$one"; done`
  const ran = () => run('PreToolUse', every, ["the hook's"])
  expect(await ran()).toEqual({ status: 0, stdout: '', stderr: 'one\n' })
  await writeFile(path.join(root, 'clone', "the hook's", 'two.sh'), 'echo evil >&2\n')
  const no = {
    stdout: '',
    stderr: "A hook of the repository was not run: the hook's holds other files than at the base.\n",
  }
  expect(await ran()).toEqual({ status: 2, ...no })
  await rm(path.join(root, 'clone', "the hook's", 'two.sh'))
  await rm(path.join(root, 'clone', "the hook's", 'one.sh'))
  expect(await ran()).toEqual({ status: 2, ...no })
})
