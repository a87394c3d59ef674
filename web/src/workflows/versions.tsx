/** The versions of a workflow. A version never changes; a run finishes on the one it began with. */
import { Link } from '@tanstack/react-router'
import type { AnswerOf } from '@viewportai/core/api/client'
import { Digest } from '../look/digest.tsx'
import { When } from '../look/when.tsx'

type View = AnswerOf<'workflow', Response>

export const Versions = ({ view, draft }: { view: View; draft: string | null }) => (
  <>
    <h2 className="h">Versions</h2>
    <table>
      <thead className="sr">
        <tr>
          <th>Version</th>
          <th>Digest</th>
          <th>Saved</th>
        </tr>
      </thead>
      <tbody>
        {draft !== null && (
          <tr>
            <td className="m">Draft</td>
            <td>
              {draft === '' ? (
                <span className="stop">no digest until it compiles</span>
              ) : draft === view.digest ? (
                <span className="mute">the same meaning as v{view.version}</span>
              ) : (
                <Digest of={draft} what="workflow digest" />
              )}
            </td>
            <td className="num mute">not saved</td>
          </tr>
        )}
        {view.versions.map((version, at) => (
          <tr key={version.version}>
            <td className="m nw">
              <Link
                className="link"
                to="/workflows/$workflow"
                params={{ workflow: view.name }}
                search={at === 0 ? {} : { version: version.version }}
              >
                v{version.version}
              </Link>{' '}
              {at === 0 && view.enabled && <span className="done">enabled</span>}
            </td>
            <td>
              <Digest of={version.digest} what="workflow digest" />
              {version.note && <span className="mute"> {version.note}</span>}
            </td>
            <td className="num mute">
              {version.savedBy}, <When at={version.savedAt} as="moment" />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </>
)
