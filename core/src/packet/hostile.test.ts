/** Packets that somebody made to break whoever reads them: every one gets a verdict in a bounded time, none is believed, none throws. */
import { describe, expect, test } from 'vitest'
import { factsFile, keysFile, manifestFile } from './names.ts'
import { lines, packet, relist, reseal, verdictOn, withLines } from './testing/tampered.ts'
import { bytesOf, textOf } from './utf8.ts'

const deep = (n: number): string => `${'['.repeat(n)}${']'.repeat(n)}`
const contents: [string, Uint8Array][] = [
  ['nothing', new Uint8Array()],
  ['null', bytesOf('null')],
  ['a list', bytesOf('[]')],
  ['keys that every object has', bytesOf('{"__proto__":{"x":1},"constructor":{"prototype":{}},"toString":1}')],
  ['nesting without end', bytesOf(deep(30_000))],
  [
    'nesting without end inside an object',
    bytesOf(`{"payload":${deep(20_000)},"files":${deep(20_000)},"keys":${deep(20_000)}}`),
  ],
  ['half a character', Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22)],
  ['NUL', new Uint8Array(1_000)],
  ['a line of a megabyte', bytesOf(`"${'a'.repeat(1_000_000)}"`)],
  ['twenty thousand lines', bytesOf('{}\n'.repeat(20_000))],
]
const judged = (files: ReadonlyMap<string, Uint8Array>): string => {
  const began = performance.now()
  const { outcome } = verdictOn(files)
  expect(performance.now() - began).toBeLessThan(20_000)
  return outcome
}

/** Those that are read as more than bytes. */
const kinds = [factsFile, keysFile, manifestFile, ...['.dsse.json', '.jws', '.pem'].map(ending)]
function ending(end: string): string {
  return [...packet.keys()].find((name) => name.endsWith(end))!
}

describe.each(contents)('%s', (_, bytes) => {
  test('in the place of any file, as it is, listed again, and sealed with the right key', async () => {
    for (const name of kinds) {
      const files = new Map(packet).set(name, bytes)
      expect(['faulty', 'unusable']).toContain(judged(files))
      if (name !== factsFile && name !== keysFile) continue
      const again = new Map(files)
      relist(again)
      expect(['faulty', 'unusable']).toContain(judged(again))
    }
    const sealed = new Map(packet).set(factsFile, bytes)
    await reseal(sealed)
    expect(['faulty', 'unusable']).toContain(judged(sealed))
  })
})

test('a fact with a key twice, or nested without end, in a packet sealed with the right key', async () => {
  const written = lines()
  for (const bend of [
    (line: string) => line.replace('{', '{"v":1,'),
    (line: string) => line.replace('"data":{', `"data":{"odd":${deep(20_000)},`),
    (line: string) => line.replace('"data":{', '"data":{"__proto__":{"odd":1},'),
  ])
    for (const at of [0, 3, written.length - 1]) {
      const files = withLines(new Map(packet), written.with(at, bend(written[at]!)))
      await reseal(files)
      expect(judged(files)).toBe('faulty')
    }
})

test('a manifest with a file twice, a file outside, one of another spelling, a size that is none', async () => {
  const text = textOf(packet.get(manifestFile)!)!
  const first = /\{[^{}]*"(?:path|name)":"[^"]+"[^{}]*\}/.exec(text)?.[0]
  expect(first).toBeDefined()
  for (const odd of [
    first!,
    first!.replace(/"(path|name)":"[^"]+"/, '"$1":"../../etc/passwd"'),
    first!.replace(/"(path|name)":"([^"]+)"/, '"$1":"./$2"'),
    first!.replace(/:\d+/, ':1e999'),
    first!.replace(/:\d+/, ':-1'),
  ])
    expect(['faulty', 'unusable']).toContain(
      judged(new Map(packet).set(manifestFile, bytesOf(text.replace(first!, `${first},${odd}`)))),
    )
})

test('keys: none, one twice, one that is no point of the curve', () => {
  const text = textOf(packet.get(keysFile)!)!
  for (const odd of [
    '{"keys":[]}',
    text.replace(/"x": ?"[^"]+"/, `"x":"${'A'.repeat(43)}"`),
    text.replace(/"x": ?"[^"]+"/, `"x":"${'_'.repeat(43)}"`),
    text.replace(/"x": ?"[^"]+"/, '"x":""'),
  ])
    expect(['faulty', 'unusable']).toContain(judged(new Map(packet).set(keysFile, bytesOf(odd))))
})
