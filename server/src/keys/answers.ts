/** The route about the control plane's own public keys. */
import type { Context } from '../context.ts'
import type { Answers } from '../http/answers.ts'

export const keyAnswers = ({ signing }: Context): Pick<Answers, 'keys'> => ({
  keys: async () => ({
    keys: signing.all.map(({ key, from, until }) => ({
      kty: key.kty,
      crv: key.crv,
      x: key.x,
      kid: key.kid,
      notBefore: from,
      notAfter: until,
    })),
  }),
})
