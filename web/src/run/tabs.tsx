/** The readings of a run, as tabs. A phone has room for three; the others are in a list of its own. */
import { Link, useNavigate } from '@tanstack/react-router'

export type Show = 'plan' | 'diff' | 'context' | 'receipts' | 'left' | 'facts' | 'log' | 'about' | undefined

/** `phone`: on a phone alone. `narrow`: where the right column is not shown. `wide`: on a phone in the list behind the tabs. */
const tabs: { show: Show; label: string; where?: 'phone' | 'narrow' | 'wide' }[] = [
  { show: undefined, label: 'Timeline' },
  { show: 'log', label: 'Log', where: 'phone' },
  { show: 'plan', label: 'Plan', where: 'wide' },
  { show: 'diff', label: 'Diff', where: 'wide' },
  { show: 'context', label: 'Context', where: 'wide' },
  { show: 'receipts', label: 'Receipts', where: 'wide' },
  { show: 'left', label: 'Egress', where: 'wide' },
  { show: 'facts', label: 'Ledger', where: 'wide' },
  { show: 'about', label: 'Facts', where: 'narrow' },
]
const classes = { phone: 'only-s', narrow: 'narrow', wide: 'hide-s' } as const
const behind = tabs.filter((tab) => tab.where === 'wide')

export const tabLabel = (show: Show): string => tabs.find((tab) => tab.show === show)?.label ?? ''

export const RunTabs = ({ run, show, step }: { run: number; show: Show; step: string | undefined }) => {
  const navigate = useNavigate()
  const more = behind.some((tab) => tab.show === show)
  return (
    <nav className="tabs" aria-label="Run">
      {tabs.map((tab) => (
        <Link
          key={tab.label}
          className={tab.where && classes[tab.where]}
          to="/runs/$run"
          params={{ run: String(run) }}
          search={{ show: tab.show, step }}
          activeOptions={{ exact: true, includeSearch: true, explicitUndefined: true }}
          aria-current={show === tab.show ? 'page' : undefined}
        >
          {tab.label}
        </Link>
      ))}
      <select
        className={`only-s more${more ? ' on' : ''}`}
        aria-label="More about this run"
        value={more ? show : ''}
        onChange={(event) =>
          void navigate({
            to: '/runs/$run',
            params: { run: String(run) },
            search: { show: behind.find((tab) => tab.show === event.target.value)?.show, step },
          })
        }
      >
        <option value="">More</option>
        {behind.map((tab) => (
          <option key={tab.label} value={tab.show}>
            {tab.label}
          </option>
        ))}
      </select>
    </nav>
  )
}
