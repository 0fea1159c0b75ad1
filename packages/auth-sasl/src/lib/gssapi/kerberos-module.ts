/** The part of npm `kerberos` that is used, versions 2.2 and 7; bytes are base64. */
export interface KerberosModule {
  initializeClient(
    service: string,
    options: { readonly principal?: string; readonly flags: number; readonly mechOID: number },
  ): Promise<KerberosClient>
}

/** The client's side of one security context. */
export interface KerberosClient {
  readonly contextComplete: boolean
  step(challenge: string): Promise<string | null>
  unwrap(challenge: string): Promise<string>
  wrap(challenge: string, options: { readonly user: string }): Promise<string>
}

/** The module itself, or the namespace that `import` makes of it; undefined for anything else. */
export function asKerberosModule(value: unknown): KerberosModule | undefined {
  const { default: inner } = (value ?? {}) as { default?: unknown }
  return [value, inner].find(
    (each) => typeof (each as Partial<KerberosModule> | undefined)?.initializeClient === 'function',
  ) as KerberosModule | undefined
}
