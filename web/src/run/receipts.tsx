/** What was done outside: each effect with the provider's own id, where to see it, and only what was observed. */
import type { AnswerOf } from '@viewportai/core/api/client'
import { effectSays, effectWhere } from '@viewportai/core/view/effect-words'
import { There } from '../look/there.tsx'
import { When } from '../look/when.tsx'
import { Revealed } from '../text/revealed.tsx'

type Run = AnswerOf<'run', Response>

export const Receipts = ({ run }: { run: Run }) =>
  run.receipts.length === 0 ? (
    <p className="mute">Nothing was done outside yet. Each effect leaves a receipt here with the provider’s own id.</p>
  ) : (
    <>
      {run.receipts.map((receipt) => (
        <section key={receipt.intent} aria-label={receipt.action}>
          <h2 className="h">
            <span>
              {effectSays(receipt.action)}: <Revealed text={effectWhere(receipt.target, receipt.receipt)} code />
            </span>
            <code className="mute">{receipt.action}</code>
            <span className="right mute">
              <When at={receipt.at} as="moment" />
            </span>
          </h2>
          <dl className="facts">
            <div>
              <dt>Receipt</dt>
              <dd className="mono">
                {receipt.receipt.provider} <Revealed text={receipt.receipt.id} code />
              </dd>
            </div>
            {receipt.receipt.url && (
              <div>
                <dt>Where</dt>
                <dd className="mono">
                  <There url={receipt.receipt.url}>{receipt.receipt.url}</There>
                </dd>
              </div>
            )}
            {observedBeside(receipt.receipt).map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd className="mono">
                  <Revealed text={typeof value === 'string' ? value : JSON.stringify(value)} code />
                </dd>
              </div>
            ))}
            <div>
              <dt>Checked</dt>
              <dd className={receipt.receipt.readBack ? 'done' : 'dim'}>
                {receipt.receipt.readBack ? 'read back after writing' : 'not read back'}
                {receipt.reconciled ? '; it was found already done and not sent again' : ''}
              </dd>
            </div>
          </dl>
        </section>
      ))}
    </>
  )

/** What the tool answered, without what stands above it already. */
const observedBeside = ({ id, url, observed }: Run['receipts'][number]['receipt']): [string, unknown][] =>
  Object.entries(observed).filter(([, value]) => value !== null && value !== url && String(value) !== id)
