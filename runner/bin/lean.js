// How is a worker's memory kept small? What V8 is told before anything is loaded; `vpd worker` alone, as its other commands end soon.
import v8 from 'node:v8'

/** The versions of Node with which these words were tried. V8 complains aloud of one it does not know, so later ones go without. */
const tried = { from: 20, to: 26 }
const major = Number(process.versions.node.split('.')[0])

if (major >= tried.from && major <= tried.to) {
  // Young objects keep to the megabyte they begin with: it would grow to 32 MB and more, most of it empty, for a program that mostly waits.
  v8.setFlagsFromString('--semi-space-growth-factor=1')
  // The second optimising compiler costs 8 MB once it is used. Maglev, the first (Node 22 and later), does for what is hot here.
  if (major >= 22) v8.setFlagsFromString('--no-opt')
}
