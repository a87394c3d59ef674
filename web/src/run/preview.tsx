/** Any body of a run, checked, in the form that fits its kind. */
import type { BodyRef } from '@viewportai/core/digest/body'
import { textOf } from '../body/read.ts'
import { useBody } from '../body/use-body.ts'
import { patchOf } from '../diff/patch-of.ts'
import { PlainDiff } from '../diff/plain-diff.tsx'
import { bytes } from '../look/amounts.ts'
import { Digest } from '../look/digest.tsx'
import { readAnsi, wordsOf } from '../text/ansi.ts'
import { AgentText } from '../text/markdown.tsx'
import { Revealed } from '../text/revealed.tsx'

export const Preview = ({ run, body }: { run: string; body: BodyRef }) => {
  const evidence = useBody(run, body)
  if (evidence.state === 'away')
    return (
      <p className="wait">
        {evidence.problem.message} {evidence.problem.next}{' '}
        <button type="button" className="link" onClick={evidence.again}>
          Ask now
        </button>
      </p>
    )
  if (evidence.state === 'wrong')
    return <p className="stop">The bytes that came are not the ones the run names: {evidence.why}.</p>
  if (evidence.state !== 'here') return <p>Checking {bytes(body.bytes)} in this browser</p>
  return (
    <div className="preview">
      <h2 className="sr">{`The ${body.kind}`}</h2>
      <p className="done">
        {bytes(body.bytes)}, verified <Digest of={body.digest} />
      </p>
      <Shown kind={body.kind} bytes={evidence.shown.bytes} />
    </div>
  )
}

const Shown = ({ kind, bytes: shown }: { kind: BodyRef['kind']; bytes: Uint8Array }) => {
  if (kind === 'patch') return <PlainDiff patch={patchOf(shown)} />
  const text = textOf(shown)
  if (kind === 'log' || kind === 'output' || kind === 'transcript')
    return (
      <pre className="raw">
        <Revealed text={readAnsi(text).lines.map(wordsOf).join('\n')} />
      </pre>
    )
  return <AgentText text={text} />
}
