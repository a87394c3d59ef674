/** What a workflow says, in sentences. What nobody wrote and holds by default is in a softer colour. */
import type { Summary } from '@viewportai/core/workflow/summary'

export const SummaryFacts = ({ summary }: { summary: Summary }) => (
  <>
    <dl className="facts">
      {summary
        .filter((group) => group.lines.length > 0)
        .map((group) => (
          <div key={group.key}>
            <dt>{group.title}</dt>
            <dd>
              <ul>
                {group.lines.map((line) => (
                  <li key={line.text} className={line.default ? 'dim' : undefined}>
                    {line.text}
                  </li>
                ))}
              </ul>
            </dd>
          </div>
        ))}
    </dl>
    <p className="mute note">Softer lines hold because the file says nothing else.</p>
  </>
)
