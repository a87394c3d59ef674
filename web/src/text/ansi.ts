/**
 * What may a program's output do to the page that shows it? Give words a state colour, nothing more.
 * A streaming reader: bytes' text in, lines of toned spans out. Cursor movement, titles, links, clipboard and clearing are dropped and counted;
 * a carriage return never overwrites: what it would have hidden stays above as its own line.
 */

export type Tone = 'plain' | 'stop' | 'done' | 'wait' | 'run' | 'dim' | 'bold'
type Span = { tone: Tone; text: string }
/** One line. `over`: the program wanted to write over the line before (a bare carriage return). */
export type Line = { spans: Span[]; over: boolean }

/** What a line says, whatever its colours. */
export const wordsOf = (line: Line): string => line.spans.map((span) => span.text).join('')

const colours: Readonly<Record<number, Tone>> = { 1: 'stop', 2: 'done', 3: 'wait', 4: 'run', 6: 'run', 0: 'dim' }
const longest = 4096 // characters of one escape sequence; a longer one is no sequence but an attempt to swallow the log

/** Reads output piece by piece; sequences and lines may be split anywhere between pieces. */
export class AnsiReader {
  /** Finished lines wait here until they are taken. */
  private lines: Line[] = []
  private line: Line = { spans: [], over: false }
  private text = ''
  private colour: Tone = 'plain'
  private bold = false
  private dim = false
  private rest = ''
  private carriage = false
  /** How many control sequences were dropped. */
  dropped = 0

  /** Takes the next piece and gives the lines it finished. */
  push(piece: string): Line[] {
    const input = this.rest + piece
    this.rest = ''
    let at = 0
    while (at < input.length) {
      const next = nextSpecial(input, at)
      if (next > at) this.write(input.slice(at, next))
      at = next
      if (at >= input.length) break
      const char = input[at]!
      if (char === '\n') this.feed()
      else if (char === '\r') this.carriage = true
      else if (char === '\u001b' || char === '\u009b') {
        const length = this.sequence(input, at)
        if (length === 0) {
          this.rest = input.slice(at)
          break
        }
        at += length
        continue
      } else this.write(char) // other control characters stay and are drawn as marks
      at += 1
    }
    return this.take()
  }

  /** The line that has begun and not ended, for showing while more comes. */
  open(): Line | null {
    const spans = this.text ? [...this.line.spans, { tone: this.tone(), text: this.text }] : this.line.spans
    return spans.length ? { spans, over: this.line.over } : null
  }

  /** No more comes: an unfinished sequence is shown as what it is, an unfinished line ends. */
  end(): Line[] {
    if (this.rest) this.write(this.rest)
    this.rest = ''
    if (this.open()) this.feed()
    return this.take()
  }

  private take(): Line[] {
    const lines = this.lines
    this.lines = []
    return lines
  }

  private tone(): Tone {
    if (this.colour !== 'plain') return this.colour
    return this.bold ? 'bold' : this.dim ? 'dim' : 'plain'
  }

  private write(text: string): void {
    if (this.carriage) {
      this.carriage = false
      if (this.open()) {
        this.feed()
        this.line.over = true
      }
    }
    this.text += text
  }

  private flush(): void {
    if (this.text) this.line.spans.push({ tone: this.tone(), text: this.text })
    this.text = ''
  }

  private feed(): void {
    this.carriage = false
    this.flush()
    this.lines.push(this.line)
    this.line = { spans: [], over: false }
  }

  /** Reads one escape sequence; its length, or 0 when it is not complete yet. */
  private sequence(input: string, at: number): number {
    const c1 = input[at] === '\u009b'
    if (!c1 && at + 1 >= input.length) return 0
    const kind = c1 ? '[' : input[at + 1]!
    const start = at + (c1 ? 1 : 2)
    if (kind === '[') return this.control(input, at, start)
    if (kind === ']' || kind === 'P' || kind === 'X' || kind === '^' || kind === '_')
      return this.string(input, at, start)
    this.dropped += 1
    // ESC, intermediate bytes, one final byte
    let end = start
    while (end <= input.length && / |[!-/]/.test(input[end - 1] ?? '')) end += 1
    return end > input.length ? 0 : end - at
  }

  /** CSI … final byte. Only `m` (colour) has an effect. */
  private control(input: string, at: number, start: number): number {
    let end = start
    while (end < input.length && /[\x20-\x3f]/.test(input[end]!)) end += 1
    if (end - at > longest) return this.swallowed(start - at)
    if (end >= input.length) return 0
    const final = input[end]!
    if (!/[\x40-\x7e]/.test(final)) return this.swallowed(end - at) // broken off by another control character
    if (final === 'm') this.paint(input.slice(start, end))
    else this.dropped += 1
    return end + 1 - at
  }

  /** OSC, DCS and the like: everything up to BEL or ST is for the terminal's owner, not for the reader. */
  private string(input: string, at: number, start: number): number {
    for (let end = start; end < input.length; end += 1) {
      const char = input[end]!
      if (char === '\u0007' || char === '\u009c') return this.swallowed(end + 1 - at)
      if (char === '\u001b') {
        if (end + 1 >= input.length) return 0
        return this.swallowed(input[end + 1] === '\\' ? end + 2 - at : end - at)
      }
      if (char === '\n' || end - at > longest) return this.swallowed(start - at) // never ended: show its text
    }
    return 0
  }

  private swallowed(length: number): number {
    this.dropped += 1
    return length
  }

  private paint(parameters: string): void {
    this.flush()
    const codes = parameters.split(/[;:]/).map((part) => (part === '' ? 0 : Number(part)))
    for (let i = 0; i < codes.length; i += 1) {
      const code = codes[i]!
      if (code === 0) [this.colour, this.bold, this.dim] = ['plain', false, false]
      else if (code === 1) this.bold = true
      else if (code === 2) this.dim = true
      else if (code === 22) [this.bold, this.dim] = [false, false]
      else if (code === 39) this.colour = 'plain'
      else if (code >= 30 && code <= 37) this.colour = colours[code - 30] ?? 'plain'
      else if (code >= 90 && code <= 97) this.colour = colours[code - 90] ?? 'plain'
      else if (code === 38 || code === 48) {
        if (codes[i + 1] === 5) {
          const index = codes[i + 2] ?? -1
          if (code === 38) this.colour = index >= 0 && index < 16 ? (colours[index % 8] ?? 'plain') : 'plain'
          i += 2
        } else if (codes[i + 1] === 2) i += 4
      }
      // concealed, inverse, blinking and backgrounds do not exist here: text is always readable
    }
  }
}

const nextSpecial = (input: string, from: number): number => {
  for (let at = from; at < input.length; at += 1) {
    const code = input.charCodeAt(at)
    if (code === 0x0a || code === 0x0d || code === 0x1b || code === 0x9b) return at
  }
  return input.length
}

/** All lines of a whole text. */
export const readAnsi = (text: string): { lines: Line[]; dropped: number } => {
  const reader = new AnsiReader()
  const lines = [...reader.push(text), ...reader.end()]
  return { lines, dropped: reader.dropped }
}
