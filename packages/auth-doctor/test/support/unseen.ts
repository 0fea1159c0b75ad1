import type { TlsProfile } from '@x/tls-profiles'
import { unverified } from '@x/tls-profiles/danger'

/** `work` as in a runtime that does not show connections, as Bun. */
export async function withConnectionsUnseen<T>(work: () => Promise<T>): Promise<T> {
  const profiles = Object.getPrototypeOf(unverified()) as TlsProfile
  const { explain } = profiles
  const hidden = jest.spyOn(profiles, 'explain').mockImplementation(function (this: TlsProfile) {
    return { ...explain.call(this), connectionRecord: false }
  })
  try {
    return await work()
  } finally {
    hidden.mockRestore()
  }
}
