/** An address that is no page. Inside the app the rail stays, so that every other place is one step away. */
import { Link } from '@tanstack/react-router'
import { Page } from './page.tsx'

const Words = () => (
  <>
    <h1 className="verb">There is no such page</h1>
    <p className="lead">
      Nothing of this app has the address <code>{location.pathname}</code>. It may be mistyped, or belong to another
      version.
    </p>
    <p className="lead">
      <Link className="link" to="/inbox">
        Go to the inbox
      </Link>
    </p>
  </>
)

export const Lost = () => (
  <main className="first">
    <Words />
  </main>
)

export const LostPage = () => (
  <Page title="No such page" top={<strong>No such page</strong>}>
    <div className="first">
      <Words />
    </div>
  </Page>
)
