/** Where one is: Workflows / name. A phone has room for the way back and the name alone. */
import { Link } from '@tanstack/react-router'
import { Icon } from '../look/icon.tsx'

/** `of`: of the templates instead. */
export const Crumb = ({ name, of = 'workflows' }: { name: string; of?: 'workflows' | 'templates' }) => {
  const [to, words] =
    of === 'workflows' ? (['/workflows', 'Workflows'] as const) : (['/workflows/templates', 'Templates'] as const)
  return (
    <>
      <Link to={to} className="dim hide-s">
        {words}
      </Link>
      <span className="sep hide-s">/</span>
      <Link to={to} className="back only-s" aria-label={words}>
        <Icon name="left" />
      </Link>
      <h1 className="cut">{name}</h1>
    </>
  )
}
