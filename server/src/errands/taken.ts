/** What is known of an errand when its answer is taken? */
import type { ErrandKind } from '@viewportai/core/wire/errand'

/** As the row says it. `name`: of the runner, which is asked nothing about it. */
export type TakenErrand = {
  readonly what: ErrandKind
  readonly run: string
  readonly connection: string
  readonly about: unknown
  readonly givenAt: number
  readonly runner: string
  readonly name: string
}
