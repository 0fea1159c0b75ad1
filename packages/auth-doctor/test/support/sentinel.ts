/** What nobody may ever read. */
export const sentinel = 'S3NTINEL-do-not-print'
