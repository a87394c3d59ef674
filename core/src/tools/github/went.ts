/** What does an answer of GitHub mean for an effect? As of any forge; GitHub says what a token lacks, too. */
import { good as judged } from '../forge-answer.ts'
import { limitIn, messageIn, type Came } from './rest.ts'

/** The body of a good answer. Throws Ended. `what`: "open the pull request". A `write` that broke off at GitHub may have happened. */
export const good = (came: Came, what: string, kind: 'read' | 'write'): unknown =>
  judged(
    {
      ...came,
      title: 'GitHub',
      limit: limitIn(came),
      said: messageIn(came.body),
      needs: came.headers['x-accepted-github-permissions'] ?? '',
    },
    what,
    kind,
  )
