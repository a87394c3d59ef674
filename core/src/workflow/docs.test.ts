import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { actions } from '../action/actions.ts'
import { tools } from '../event/tools.ts'
import { defaults } from './defaults.ts'
import { limits } from './readable.ts'
import { readChecksFile, readContextFile } from './repository-files.ts'
import { landingPage, errorLines } from './testing/examples.ts'
import { operators } from './written/condition.ts'
import { keys } from './written/document.ts'
import { excludable, modes } from './written/step.ts'
import { runNames } from './template.ts'

const doc = readFileSync(new URL('../../../docs/workflow.md', import.meta.url), 'utf8')
const blocks = [...doc.matchAll(/```yaml\n(.*?)```/gs)].map(([, block]) => block!)

describe('docs/workflow.md', () => {
  test.each(blocks.map((block, i) => [i + 1, block] as const))('example %i compiles', (_i, block) => {
    const whole = block.startsWith('name:')
      ? block
      : `name: example\n${/^repos:/m.test(block) ? '' : 'repos: acme/api\n'}${block}`
    expect(errorLines(whole)).toEqual([])
  })
  test('has examples, the landing page first', () => {
    expect(blocks.length).toBeGreaterThan(6)
    expect(blocks[0]).toBe(landingPage)
  })
  test('shows files of a repository that can be read', () => {
    const [names, checks] = [...doc.matchAll(/```text\n(.*?)```/gs)].map(([, block]) => block!)
    expect(readContextFile(names!)).toMatchObject({ ok: true })
    expect(readChecksFile(checks!)).toEqual({ ok: true, commands: ['npm ci', 'npm test'] })
  })
  test('names every key, mode, operator and word', () => {
    for (const word of [...keys, ...modes, ...operators, ...excludable]) expect(doc).toContain(`\`${word}\``)
    for (const name of runNames) expect(doc).toContain(`run.${name}`)
  })
  test('names every event with its fields and every action with its parameters', () => {
    for (const [tool, form] of Object.entries(tools))
      for (const [event, { fields }] of Object.entries(form.events)) {
        const row = doc.split('\n').find((line) => line.startsWith(`| ${tool} | \`${event}\``)) ?? ''
        expect(Object.keys(fields).filter((field) => !row.includes(`\`${field}\``))).toEqual([])
        expect(row).not.toBe('')
      }
    for (const [name, form] of Object.entries(actions)) {
      const row = doc.split('\n').find((line) => line.startsWith(`| \`${name}\` |`)) ?? ''
      expect([...Object.keys(form.params), ...form.results].filter((word) => !row.includes(`\`${word}\``))).toEqual([])
      expect(row).not.toBe('')
    }
  })
  test('says the numbers that hold', () => {
    expect(defaults.budget).toEqual({ usd: 5, tokens: null, seconds: 45 * 60 })
    expect([defaults.repairRounds, defaults.gateRounds, defaults.remindAfterSeconds, defaults.required]).toEqual([
      2,
      3,
      24 * 3_600,
      1,
    ])
    expect(doc).toContain('5 USD, no cap in tokens, 45 minutes')
    expect(doc).toContain(`at most ${limits.bytes / 1024} kB and ${limits.depth} levels`)
    expect(doc).toContain(`${limits.lines.toLocaleString('en')} lines and ${limits.values.toLocaleString('en')} values`)
  })
})
