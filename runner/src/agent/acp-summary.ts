/** What is a new session told of an old one that cannot be gone on with? Its last part, as vpd heard it. */
import { z } from 'zod'
import { logLine, type AgentEvent } from './event.ts'

/** What is kept between attempts: the agent's own session, the summary, and what was asked when it was parked. */
export const AcpKept = z.strictObject({
  session: z.string().max(500).nullable(),
  summary: z.string().max(100_000),
  asked: z.strictObject({ ask: z.string(), text: z.string() }).nullable(),
})
export type AcpKept = z.infer<typeof AcpKept>

export const acpKeptName = 'acp-session.json'

/** Most characters of a summary. */
const longest = 40_000

/** Writes down what happens, the newest part of it. */
export const takeNotes = (before: string): { note(event: AgentEvent): void; text(): string } => {
  let text = before
  return {
    note: (event) => {
      if (event.event !== 'message' && event.event !== 'plan' && event.event !== 'tool') return
      text = `${text}${logLine(event)}\n`.slice(-longest)
    },
    text: () => text,
  }
}

/** The prompt of a session that begins where another one ended. */
export const withSummary = (prompt: string, summary: string, words: string): string =>
  [
    ...(summary === ''
      ? []
      : [
          `You worked on this before, in a session that cannot be opened again. Its files are in place. This is what you said and did there:\n\n${summary.trim()}`,
        ]),
    prompt,
    ...(words === '' ? [] : [words]),
  ].join('\n\n')
