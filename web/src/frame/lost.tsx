/** An address that is no page. */
import { Link } from '@tanstack/react-router'

export const Lost = () => (
  <main className="first">
    <h1 className="verb">There is no such page</h1>
    <p className="lead">
      The address is not one of this app.{' '}
      <Link className="link" to="/inbox">
        Go to the inbox
      </Link>
    </p>
  </main>
)
