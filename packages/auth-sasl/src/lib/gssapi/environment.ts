/** Variables of the process by which libkrb5 finds keytab and ticket cache; npm `kerberos` has no other way. */
export type KerberosEnvironment = Readonly<Partial<Record<'KRB5_CLIENT_KTNAME' | 'KRB5CCNAME', string>>>

/** Sets the variables, and returns what puts the earlier values back. */
export function applyEnvironment(environment: KerberosEnvironment): () => void {
  const entries = Object.entries(environment)
  const earlier = entries.map(([name]) => [name, process.env[name]] as const)
  for (const [name, value] of entries) process.env[name] = value
  return () => {
    for (const [name, value] of earlier) {
      // Other code has set it meanwhile: keep that value.
      if (process.env[name] !== environment[name as keyof KerberosEnvironment]) continue
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  }
}
