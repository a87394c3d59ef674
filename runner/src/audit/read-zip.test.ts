import { deflateRawSync } from 'node:zlib'

import { unzipSync, zipSync, type Zippable } from 'fflate'
import { describe, expect, test } from 'vitest'

import { readZip, ZipUnusable } from './read-zip.ts'

const text = (value: string): Uint8Array => new TextEncoder().encode(value)
const good: Zippable = {
  'a.txt': text('alpha '.repeat(50)),
  'b/c.txt': text('charlie'),
  'b/d.bin': [new Uint8Array(300), { level: 0 }],
}
const zip = zipSync(good)
/** A copy of the zip with one field changed, found by what stands there. */
const patched = (bytes: Uint8Array, change: (copy: Uint8Array, view: DataView) => void): Uint8Array => {
  const copy = bytes.slice()
  change(copy, new DataView(copy.buffer))
  return copy
}
const endAt = (bytes: Uint8Array): number => bytes.length - 22
const directoryAt = (bytes: Uint8Array): number =>
  new DataView(bytes.buffer, bytes.byteOffset).getUint32(endAt(bytes) + 16, true)
const joined = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]))

test('a plain zip is read whole', () => {
  expect(readZip(zip)).toEqual(new Map(Object.entries(unzipSync(zip))))
  expect(readZip(zipSync({}))).toEqual(new Map())
})

describe('oddities have names', () => {
  const named = (name: string): Uint8Array => zipSync({ [name]: text('x') })
  const twice = patched(zipSync({ 'a.txt': text('x'), 'b.txt': text('y') }), (copy) =>
    copy.forEach((byte, at) => byte === 98 && copy[at + 1] === 46 && (copy[at] = 97)),
  )
  const bomb = patched(zipSync({ 'a.txt': new Uint8Array(1_000_000) }), (copy, view) => {
    view.setUint32(22, 10, true)
    view.setUint32(directoryAt(copy) + 24, 10, true)
  })
  const huge = patched(zip, (copy, view) => {
    view.setUint32(22, 0xf000_0000, true)
    view.setUint32(directoryAt(copy) + 24, 0xf000_0000, true)
  })
  test.each([
    ['a name that climbs', named('../a.txt'), 'outside its folder'],
    ['a name that climbs later', named('a/../../b.txt'), 'outside its folder'],
    ['an absolute name', named('/etc/passwd'), 'outside its folder'],
    ['a drive', named('C:/a.txt'), 'outside its folder'],
    ['a backslash', named('a\\b.txt'), 'outside its folder'],
    ['an empty part', named('a//b.txt'), 'outside its folder'],
    ['a dot', named('./a.txt'), 'outside its folder'],
    ['a control character', named('a\nb.txt'), 'characters in its name'],
    ['a name of another script', named('а.txt'), 'characters in its name'],
    ['a name without end', named('a'.repeat(400)), 'too long'],
    ['the same name twice', twice, 'stands in the zip twice'],
    ['names that differ in case', zipSync({ 'A.txt': text('x'), 'a.txt': text('y') }), 'the same file as'],
    ['a file that unpacks to more than it says', bomb, 'larger than it says'],
    ['a size beyond all bounds', huge, 'above 536870912 bytes'],
    [
      'an encrypted entry',
      patched(zip, (copy, view) => view.setUint16(directoryAt(copy) + 8, 1, true)),
      'is encrypted',
    ],
    ['a streamed entry', patched(zip, (copy, view) => view.setUint16(directoryAt(copy) + 8, 8, true)), 'as a stream'],
    ['another packing', patched(zip, (copy, view) => view.setUint16(directoryAt(copy) + 10, 12, true)), 'method 12'],
    [
      'a link',
      patched(
        zip,
        (copy, view) => (
          view.setUint8(directoryAt(copy) + 5, 3),
          view.setUint32(directoryAt(copy) + 38, 0o120777 * 65536, true)
        ),
      ),
      'no plain file',
    ],
    ['a comment', patched(zip, (copy, view) => view.setUint16(endAt(copy) + 20, 1, true)), 'has a comment'],
    ['bytes before the zip', joined(text('#!/bin/sh\n'), zip), 'not where its end says'],
    ['bytes after the zip', joined(zip, text('more')), 'bytes after its end'],
    ['a cut end', zip.subarray(0, -5), 'cut short'],
    ['several parts', patched(zip, (copy, view) => view.setUint16(endAt(copy) + 4, 1, true)), 'several parts'],
    ['Zip64', patched(zip, (copy, view) => view.setUint32(endAt(copy) + 16, 0xffffffff, true)), 'Zip64'],
    [
      'more entries than there are',
      patched(
        zip,
        (copy, view) => (view.setUint16(endAt(copy) + 8, 9, true), view.setUint16(endAt(copy) + 10, 9, true)),
      ),
      'directory of the zip is damaged',
    ],
    [
      'fewer entries than there are',
      patched(
        zip,
        (copy, view) => (view.setUint16(endAt(copy) + 8, 2, true), view.setUint16(endAt(copy) + 10, 2, true)),
      ),
      'belong to no entry',
    ],
    ['two names for one entry', patched(zip, (copy) => (copy[30] = 122)), 'described in two ways'],
    [
      'a wrong checksum',
      patched(zip, (copy, view) => (view.setUint32(14, 1, true), view.setUint32(directoryAt(copy) + 16, 1, true))),
      'checksum',
    ],
    ['nothing', new Uint8Array(), 'no zip'],
  ])('%s', (_, bytes, words) => {
    expect(() => readZip(bytes)).toThrow(ZipUnusable)
    expect(() => readZip(bytes)).toThrow(words)
  })
  test('bytes hidden behind the end of a packed stream', () => {
    const stream = joined(deflateRawSync(text('alpha')), text('hidden'))
    const bytes = zipSync({ 'a.txt': text('alpha') })
    const view = new DataView(bytes.buffer)
    const packed = view.getUint32(18, true)
    const longer = joined(bytes.subarray(0, 35), stream, bytes.subarray(35 + packed))
    const grown = patched(longer, (copy, fields) => {
      const by = stream.length - packed
      fields.setUint16(8, 8, true)
      fields.setUint32(18, stream.length, true)
      fields.setUint32(endAt(copy) + 16, directoryAt(copy) + by, true)
      fields.setUint16(directoryAt(copy) + 10, 8, true)
      fields.setUint32(directoryAt(copy) + 20, stream.length, true)
    })
    expect(() => readZip(grown)).toThrow('hides bytes behind its content')
  })
})

test('a flipped byte anywhere either changes nothing or is an error, never other content', () => {
  const whole = readZip(zip)
  let harmless = 0
  for (let at = 0; at < zip.length; at++)
    for (const mask of [1, 0x20, 0x80]) {
      const copy = zip.slice()
      copy[at] = copy[at]! ^ mask
      try {
        expect(readZip(copy)).toEqual(whole)
        harmless++
      } catch (error) {
        expect(error).toBeInstanceOf(ZipUnusable)
      }
    }
  // times, versions and attributes of entries
  expect(harmless).toBeLessThan(zip.length)
})
