/** How does git speak over HTTP? Packet lines (gitprotocol-common): reading a push's commands, writing an answer that git prints. */

/** One packet: four hex digits of length, then the bytes. */
export const packet = (content: string | Uint8Array): Buffer => {
  const bytes = Buffer.from(content)
  return Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, '0')), bytes])
}
export const flush = Buffer.from('0000')

export type PushCommand = { readonly old: string; readonly new: string; readonly ref: string }
export type PushHead = {
  readonly commands: readonly PushCommand[]
  readonly capabilities: readonly string[]
  /** where the pack begins */ readonly end: number
}

/** Reads the commands at the head of a receive-pack request (gitprotocol-pack). null: more bytes are needed. Throws on what is not one. */
export const readPushHead = (bytes: Buffer): PushHead | null => {
  const commands: PushCommand[] = []
  let capabilities: string[] = []
  for (let at = 0; ;) {
    if (bytes.length < at + 4) return null
    const digits = bytes.subarray(at, at + 4).toString('latin1')
    if (!/^[0-9a-f]{4}$/i.test(digits)) throw new Error('not a packet line')
    const length = parseInt(digits, 16)
    if (length === 0) return { commands, capabilities, end: at + 4 }
    if (length < 4 || commands.length > 1_000) throw new Error('not a packet line of a push')
    if (bytes.length < at + length) return null
    const [line = '', words] = bytes
      .subarray(at + 4, at + length)
      .toString('utf8')
      .replace(/\n$/, '')
      .split('\0')
    if (words !== undefined) capabilities = words.split(' ').filter(Boolean)
    const command = /^([0-9a-f]{40}|[0-9a-f]{64}) ([0-9a-f]{40}|[0-9a-f]{64}) (.+)$/s.exec(line)
    if (command) commands.push({ old: command[1] ?? '', new: command[2] ?? '', ref: command[3] ?? '' })
    else if (!line.startsWith('shallow '))
      throw new Error('a push with something else than ref commands (a signed push is not taken)')
    at += length
  }
}

/** The answer to a push that updated nothing: each ref with its reason, and words that git prints after `remote:`. */
export const pushAnswer = (head: PushHead, reasons: ReadonlyMap<string, string>, words: readonly string[]): Buffer => {
  const report = Buffer.concat([
    packet('unpack ok\n'),
    ...head.commands.map(({ ref }) => packet(`ng ${ref} ${reasons.get(ref) ?? 'refused'}\n`)),
    flush,
  ])
  if (!head.capabilities.includes('side-band-64k')) return report
  const band = (number: number, content: Buffer): Buffer => packet(Buffer.concat([Buffer.of(number), content]))
  return Buffer.concat([...words.map((line) => band(2, Buffer.from(`${line}\n`))), band(1, report), flush])
}
