/**
 * What of a log may reach a terminal?
 * Colours, line ends and tabs. Everything else that a terminal obeys (titles, links, the clipboard, cursor moves, questions it would answer)
 * is shown as text, also when it is cut in two by a chunk's edge.
 */

/** Makes a log's bytes safe, chunk by chunk. */
export const terminalFilter = (): { push(bytes: Uint8Array): string; end(): string } => {
  const decoder = new TextDecoder()
  let held = ''
  const safe = (text: string): string =>
    text.replace(
      /\u001b\[[0-9;]{0,40}m|\u001b|[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]|[\u{e0000}-\u{e007f}]/gu,
      (found) => (/^\u001b\[[0-9;]*m$/.test(found) ? found : shown(found)),
    )
  return {
    push(bytes) {
      const text = (held + decoder.decode(bytes, { stream: true })).replaceAll('\r\n', '\n')
      // A colour that has begun may end in the next chunk.
      const open = /(\u001b(\[[0-9;]{0,40})?|\r)$/.exec(text)
      held = open ? open[0] : ''
      return safe(open ? text.slice(0, open.index) : text)
    },
    end() {
      const rest = held + decoder.decode()
      held = ''
      return safe(rest)
    },
  }
}

const shown = (character: string): string => {
  const code = character.codePointAt(0) ?? 0
  return code < 0x20 ? String.fromCharCode(0x2400 + code) : `<${code.toString(16).padStart(4, '0')}>`
}
