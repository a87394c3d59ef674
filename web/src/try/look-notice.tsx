/** How a look goes, until it has found something: what the runner does, or why it found nothing and what to do about it. */
import { Link } from '@tanstack/react-router'
import { useNow } from '../api/clock.ts'
import { duration } from '../look/ages.ts'
import { Dot } from '../look/dot.tsx'
import { Notice } from '../look/notice.tsx'
import { Sentence } from '../look/sentence.tsx'
import { Revealed } from '../text/revealed.tsx'
import type { Look } from './use-look.ts'

export const LookNotice = ({ look }: { look: Look }) => {
  switch (look.state) {
    case 'looked':
      return null
    case 'asked':
    case 'looking':
      return <Going look={look} />
    case 'failed':
      return (
        <Notice tone="stop" title={<Sentence text={look.failure?.summary ?? 'It could not be looked at.'} />} alert>
          <Sentence text={look.failure?.check ?? ''} />
        </Notice>
      )
    case 'away':
      return (
        <Notice tone="wait" title={`${look.runner.name} went away while it looked`}>
          It looks when it is back within five minutes; after that, ask again.
        </Notice>
      )
    case 'too_old':
      return (
        <Notice tone="stop" title={`The vpd on ${look.runner.name} is too old to look at a repository`} alert>
          Update it there: <code>npm i -g @viewportai/daemon</code>, then <code>vpd worker start --takeover</code>. It
          finishes its work first.
        </Notice>
      )
    case 'silent':
      return (
        <Notice
          tone="wait"
          title={`${look.runner.name} began to look and says nothing any more`}
          actions={
            <Link className="btn sm" to="/runners">
              Runners
            </Link>
          }
        >
          It may have been started again meanwhile. Look again; what its worker prints on its machine says more.
        </Notice>
      )
  }
}

const Going = ({ look }: { look: Look }) => {
  const now = useNow()
  const since = Math.max(0, now - look.askedAt)
  return (
    <p className="row-of run going">
      <Dot tone="run" live />
      <span>
        <output>{look.now === null ? `${look.runner.name} is asked` : <Revealed text={look.now} />}</output>
        <span className="mute">, {duration(since)} so far; ten minutes at most</span>
      </span>
    </p>
  )
}
