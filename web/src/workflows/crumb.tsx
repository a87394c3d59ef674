/** Where one is: Workflows / name. */
import { Link } from '@tanstack/react-router'

export const Crumb = ({ name }: { name: string }) => (
  <>
    <Link to="/workflows" className="dim">
      Workflows
    </Link>
    <span className="sep">/</span>
    <h1 className="cut">{name}</h1>
  </>
)
