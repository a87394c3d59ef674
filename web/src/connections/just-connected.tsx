/** What connecting brought: secrets that were made and are shown this once, and how the webhook is set up there. */
import { CopyText } from '../look/copy-text.tsx'
import { Notice } from '../look/notice.tsx'
import type { Connected, Tool } from './connect-form.tsx'
import { HookWords } from './hook-words.tsx'

export const JustConnected = ({
  made,
  tool,
  onSeen,
}: {
  made: Connected
  tool: Tool | undefined
  onSeen: () => void
}) => {
  const secrets = Object.entries(made.made)
  return (
    <section className="connected appears" aria-label={`${made.connection.name} is connected`}>
      <Notice
        tone={secrets.length > 0 ? 'wait' : 'done'}
        title={
          secrets.length > 0
            ? `${made.connection.name} is connected. Its secret is shown now and never again`
            : `${made.connection.name} is connected${made.connection.account === null ? '' : ` as ${made.connection.account}`}`
        }
        actions={
          <button type="button" className="btn sm" onClick={onSeen}>
            {secrets.length > 0 ? 'I have kept it' : 'Done'}
          </button>
        }
      >
        {made.notes.join(' ')}
      </Notice>
      {secrets.length > 0 && (
        <dl className="facts">
          {secrets.map(([name, value]) => (
            <div key={name}>
              <dt>{tool?.fields.find((field) => field.name === name)?.title ?? name}</dt>
              <dd>
                <CopyText text={value} />
              </dd>
            </div>
          ))}
        </dl>
      )}
      <HookWords words={tool?.hook ?? null} url={made.connection.url} />
    </section>
  )
}
