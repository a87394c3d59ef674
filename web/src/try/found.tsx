/** What the runner found: where work would begin, how a change is proved, what walls the agent off. */
import type { Found } from '@viewportai/core/try/looked'
import { installsShut } from '@viewportai/core/try/installs'
import { checksWords, submoduleWords, wallWords } from '@viewportai/core/try/words'
import { When } from '../look/when.tsx'
import { Revealed } from '../text/revealed.tsx'
import { LetInstall } from './let-install.tsx'
import type { Look } from './use-look.ts'

export const FoundFacts = ({ look, found }: { look: Look; found: Found }) => {
  const { branch, commit, branchCount, submoduleCount } = found.repository
  const shut = installsShut({ checks: [], looked: found })
  const unproven = found.checks.from === null
  return (
    <dl className="facts">
      <div>
        <dt>Begins at</dt>
        <dd>
          <code>
            <Revealed text={branch} code />
          </code>{' '}
          <span className="mute">
            {commit.slice(0, 10)}, {branchCount === 1 ? 'its only branch' : `one of ${branchCount} branches`}; looked at{' '}
            <When at={look.askedAt} as="moment" />
          </span>
          {submoduleCount > 0 && (
            <p className="wait">
              <Revealed text={submoduleWords(found.repository)} />
            </p>
          )}
        </dd>
      </div>
      <div>
        <dt>Checks</dt>
        <dd>
          <span className={unproven ? 'wait' : undefined}>
            <Revealed text={checksWords({ checks: [], looked: found }, 'name one below')} code />
          </span>
          {shut !== null && <LetInstall shut={shut} runner={look.runner.name} />}
        </dd>
      </div>
      <div>
        <dt>Wall</dt>
        <dd className={found.isolation.level === 'none' ? 'wait' : undefined}>{wallWords(found)}</dd>
      </div>
    </dl>
  )
}
