// Is every command that a page about a tool tells a person to run one that `viewport` takes, with names that the tool knows?
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { expectTaken } from '../../test/taken-words.ts'
import { toolNamed, toolNames } from './table.ts'

const folder = new URL('../../../docs/integrations/', import.meta.url)
const pages = readdirSync(folder).filter((name) => name.endsWith('.md'))
const commands = pages.flatMap((page) =>
  [...readFileSync(new URL(page, folder), 'utf8').matchAll(/(?:`|^)(viewport [^`\n]+?)(?:`|$)/gm)].map(
    ([, command]) => ({
      tool: page.replace('.md', ''),
      command: command!,
    }),
  ),
)
const wordsOf = (command: string): string[] =>
  [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare!).slice(1)

test('every page of a tool that can be connected says how', () => {
  const told = toolNames.filter((name) => name !== 'webhook')
  const ofTools = pages.filter((page) => page !== 'README.md').map((page) => page.replace('.md', ''))
  expect(ofTools.sort()).toEqual([...told].sort())
  for (const name of told)
    expect(
      commands.filter(({ tool, command }) => tool === name && command.startsWith('viewport connect ')),
    ).not.toEqual([])
})

/** `viewport connect` alone is how the text speaks of it, not something to type. */
const typed = commands.filter(({ command }) => !/^viewport (connect|connections)$/.test(command))

test.each(typed)('$tool: $command', async ({ tool, command }) => {
  const words = wordsOf(command)
  await expectTaken(words)
  // The page about all of them names fields of any.
  const of = tool === 'README' ? toolNames : [tool]
  const known = new Map(of.flatMap((name) => toolNamed(name)?.fields ?? []).map((field) => [field.name, field]))
  for (const [at, word] of words.entries()) {
    if (word !== '--set' && word !== '--secret') continue
    const [name, value] = words[at + 1]!.split('=')
    expect(value, `${words[at + 1]} is of the form name=…`).toBeTruthy()
    if (/^home(\.|$)/.test(name!)) continue
    expect([name, known.get(name!)?.secret]).toEqual([name, word === '--secret'])
  }
})
