/** Secrets that were made for a connection, shown this once. */
import { CopyText } from '../look/copy-text.tsx'
import { Notice } from '../look/notice.tsx'
import type { Tool } from './connect-form.tsx'

export const MadeSecrets = ({
  name,
  made,
  tool,
  onSeen,
}: {
  /** Of the connection. */
  name: string
  made: Readonly<Record<string, string>>
  tool: Tool | undefined
  onSeen: () => void
}) => (
  <div className="made-secrets">
    <Notice
      tone="wait"
      title={`The new secret of ${name} is shown now and never again`}
      actions={
        <button type="button" className="btn sm" onClick={onSeen}>
          I have kept it
        </button>
      }
    >
      Paste it where {tool?.fields.some((one) => one.sends) ? 'the receiver' : (tool?.title ?? 'the tool')} keeps it.
    </Notice>
    <dl className="facts">
      {Object.entries(made).map(([field, value]) => (
        <div key={field}>
          <dt>{tool?.fields.find((one) => one.name === field)?.title ?? field}</dt>
          <dd>
            <CopyText text={value} />
          </dd>
        </div>
      ))}
    </dl>
  </div>
)
