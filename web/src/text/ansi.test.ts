import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AnsiReader, readAnsi, wordsOf, type Line } from './ansi.ts'

const esc = '\u001b'
const text = (line: Line) => line.spans.map((span) => span.text).join('')
const texts = (input: string) => readAnsi(input).lines.map(text)

test('colours become states', () => {
  expect(readAnsi(`${esc}[31mred${esc}[0m ${esc}[1;92mgreen${esc}[m`).lines).toEqual([
    {
      over: false,
      spans: [
        { tone: 'stop', text: 'red' },
        { tone: 'plain', text: ' ' },
        { tone: 'done', text: 'green' },
      ],
    },
  ])
})

test.each([
  ['256 colours', `${esc}[38;5;9mx`, 'stop'],
  ['true colour says nothing', `${esc}[38;2;255;0;0mx`, 'plain'],
  ['yellow', `${esc}[33mx`, 'wait'],
  ['bold', `${esc}[1mx`, 'bold'],
  ['concealed stays readable', `${esc}[8mx`, 'plain'],
  ['white on white stays readable', `${esc}[97;107mx`, 'plain'],
])('%s', (_, input, tone) => expect(readAnsi(input).lines[0]!.spans).toEqual([{ tone, text: 'x' }]))

describe('what steers a terminal is dropped and counted', () => {
  test.each([
    ['cursor up and erase', `rm -rf /${esc}[1A${esc}[2Kls`, ['rm -rf /ls'], 2],
    ['clear screen', `a${esc}[2J${esc}[Hb`, ['ab'], 2],
    ['window title', `${esc}]0;owned\u0007x`, ['x'], 1],
    ['hyperlink', `${esc}]8;;https://evil.example\u001b\\click${esc}]8;;\u001b\\`, ['click'], 2],
    ['clipboard', `${esc}]52;c;cm0gLXJmIC8=\u0007x`, ['x'], 1],
    ['title report', `${esc}[21tx`, ['x'], 1],
    ['device control string', `${esc}Pq#0;2;0;0;0${esc}\\x`, ['x'], 1],
    ['charset and reset', `${esc}(0${esc}cx`, ['x'], 2],
    ['C1 form', `\u009b2Jx`, ['x'], 1],
  ])('%s', (_, input, lines, dropped) => {
    const read = readAnsi(input)
    expect(read.lines.map(text)).toEqual(lines)
    expect(read.dropped).toBe(dropped)
  })

  test('a title that never ends does not swallow the log', () => {
    expect(texts(`${esc}]0;hidden\nvisible`)).toEqual(['0;hidden', 'visible'])
    expect(texts(`${esc}]${'x'.repeat(9000)}`)[0]).toHaveLength(9000)
  })
})

describe('a carriage return hides nothing', () => {
  test('what would be overwritten stays as its own line', () => {
    expect(readAnsi('rm -rf /\rls -la  \n').lines).toMatchObject([{ over: false }, { over: true }])
    expect(texts('rm -rf /\rls\n')).toEqual(['rm -rf /', 'ls'])
  })
  test('at the end of a line it is the end of the line', () => expect(texts('a\r\nb\r\n')).toEqual(['a', 'b']))
  test('backspaces stay for the marks', () => expect(texts('safe\b\b\b\b')).toEqual(['safe\b\b\b\b']))
})

test('cutting the input anywhere changes nothing', () => {
  const part = fc.constantFrom(
    'a',
    '\n',
    '\r',
    '\r\n',
    esc,
    `${esc}[`,
    '31',
    ';',
    'm',
    `${esc}]0;t`,
    '\u0007',
    `${esc}\\`,
    '\u009b',
    'K',
    'é',
    '\b',
    `${esc}(0`,
    ' ',
  )
  fc.assert(
    fc.property(fc.array(part, { maxLength: 30 }), fc.array(fc.nat({ max: 60 }), { maxLength: 5 }), (parts, cuts) => {
      const whole = parts.join('')
      const reader = new AnsiReader()
      const lines: Line[] = []
      let from = 0
      for (const cut of [...cuts, whole.length].map((c) => Math.min(c, whole.length)).toSorted((a, b) => a - b)) {
        lines.push(...reader.push(whole.slice(from, cut)))
        from = cut
      }
      lines.push(...reader.end())
      expect(lines.map(text)).toEqual(texts(whole))
    }),
    { numRuns: 2000 },
  )
})

test('no escape character reaches the page as plain text unless it ends the output', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (body) => {
      for (const line of texts(`${body}\nend`).slice(0, -1)) expect(line).not.toContain('\u009b[')
    }),
  )
})

test('a line is found by its words, whatever colours they have', () => {
  const [line] = readAnsi(`${esc}[31mFAIL${esc}[0mED twice`).lines
  expect(line!.spans.length).toBe(2)
  expect(wordsOf(line!)).toBe('FAILED twice')
})

test('200,000 lines take under twenty seconds', () => {
  const input = `${esc}[32mok${esc}[0m compiled src/thing.ts in 12 ms\n`.repeat(200_000)
  const from = performance.now()
  expect(readAnsi(input).lines).toHaveLength(200_000)
  expect(performance.now() - from).toBeLessThan(20_000)
})
