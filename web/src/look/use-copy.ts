/** Copying a text: can it be done here, and was it? A page over plain HTTP has no clipboard, and a browser may refuse it. */
import { useState } from 'react'

const saidMillis = 1_500

/** `said`: for a moment after `copy`, what came of it. */
export const useCopy = (text: string): { can: boolean; said: 'copied' | 'not copied' | null; copy: () => void } => {
  const [said, setSaid] = useState<'copied' | 'not copied' | null>(null)
  const say = (words: 'copied' | 'not copied') => () => {
    setSaid(words)
    setTimeout(() => setSaid(null), saidMillis)
  }
  return {
    can: 'clipboard' in navigator,
    said,
    copy: () => void navigator.clipboard.writeText(text).then(say('copied'), say('not copied')),
  }
}
