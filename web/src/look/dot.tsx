/** A dot in the colour of a state. A word beside it says the same. */
export type Tone = 'wait' | 'run' | 'done' | 'stop' | 'idle' | 'taint'

export const Dot = ({ tone, live = false }: { tone: Tone; live?: boolean }) => (
  <span className={`dot ${tone}${live ? ' pulse' : ''}`} aria-hidden="true" />
)
