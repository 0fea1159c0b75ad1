/** The library, which is of ES modules: loaded at the first token. */
export type OpenidClient = typeof import('openid-client', { with: { 'resolution-mode': 'import' }})

export function openidClient(): Promise<OpenidClient> {
  return import('openid-client')
}
