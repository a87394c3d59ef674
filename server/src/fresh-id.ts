/** Where do ids of new things come from? Core gives the form, this the randomness. */
import { randomBytes } from 'node:crypto'
import { idFrom, type Prefix } from '@viewportai/core/ids'

export const freshId = (prefix: Prefix): string => idFrom(prefix, randomBytes(13))
