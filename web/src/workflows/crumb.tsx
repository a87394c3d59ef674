/** Where one is: Workflows / name. */
import { Link } from '@tanstack/react-router'

/** `of`: of the templates instead. */
export const Crumb = ({ name, of = 'workflows' }: { name: string; of?: 'workflows' | 'templates' }) => (
  <>
    <Link to={of === 'workflows' ? '/workflows' : '/workflows/templates'} className="dim">
      {of === 'workflows' ? 'Workflows' : 'Templates'}
    </Link>
    <span className="sep">/</span>
    <h1 className="cut">{name}</h1>
  </>
)
