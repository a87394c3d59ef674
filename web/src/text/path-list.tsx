/** Paths that an agent named, one below the other, with their hidden characters drawn as marks. */
import { Revealed } from './revealed.tsx'

export const PathList = ({ paths }: { paths: readonly string[] }) => (
  <ul className="mono paths">
    {paths.map((path) => (
      <li key={path}>
        <Revealed text={path} code />
      </li>
    ))}
  </ul>
)
