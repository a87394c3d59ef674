/** Checks that cannot install: what that leads to, and what lets them. Only who is at that machine can, so the command and its lines are shown to be taken along. */
import { allowCommand, allowMeans, networkLines, shutWords, type Shut } from '@viewportai/core/try/installs'
import { Revealed } from '../text/revealed.tsx'

export const LetInstall = ({ shut, runner }: { shut: Shut; runner: string }) => (
  <>
    <p className="wait">
      <Revealed text={shutWords(shut)} />
    </p>
    <details>
      <summary>Let steps on {runner} reach them</summary>
      <p className="mute">{allowMeans} Run this there, then look again:</p>
      <pre className="cmd">
        <Revealed text={`${allowCommand(shut.words)}\nvpd worker start --takeover --mode persistent`} code />
      </pre>
      <p className="mute">It writes these lines into policy.yaml of the runner:</p>
      <pre className="cmd">
        <Revealed text={networkLines(shut.words).join('\n')} code />
      </pre>
    </details>
  </>
)
