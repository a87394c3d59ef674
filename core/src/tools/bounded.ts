/** How long may one piece of work ask outside in all? A tool that drips would else hold its turn for the sum of all its requests. */
import { NotSent, type Outside } from './outside.ts'

/** The same way out, for `millis` in all: then nothing more is sent, and what runs ends. */
export const bounded = (outside: Outside, millis: number): Outside => {
  const until = outside.now() + millis
  return {
    now: () => outside.now(),
    async ask(asked) {
      const left = Math.ceil(until - outside.now())
      if (left <= 0) throw new NotSent(`it took longer than ${Math.round(millis / 1_000)} seconds in all`)
      return outside.ask({ ...asked, timeoutMillis: Math.min(asked.timeoutMillis ?? 20_000, left) })
    },
  }
}
