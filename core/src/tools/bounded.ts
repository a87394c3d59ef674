/** How much may one piece of work ask outside in all? A tool that drips would else hold its turn for the sum of all its requests, and one that floods our memory. */
import { NotSent, type Outside } from './outside.ts'

/** What all answers may have in all, in characters. */
export const answersAtMost = 67_108_864

/** The same way out, for `millis` in all and answers of `answersAtMost`: then nothing more is sent, and what runs ends. */
export const bounded = (outside: Outside, millis: number): Outside => {
  const until = outside.now() + millis
  let came = 0
  return {
    now: () => outside.now(),
    async ask(asked) {
      const left = Math.ceil(until - outside.now())
      if (left <= 0) throw new NotSent(`it took longer than ${Math.round(millis / 1_000)} seconds in all`)
      if (came > answersAtMost) throw new NotSent('its answers are longer than 64 MB in all')
      const answer = await outside.ask({ ...asked, timeoutMillis: Math.min(asked.timeoutMillis ?? 20_000, left) })
      came += answer.text.length
      return answer
    },
  }
}
