/** Patterns of events that several kinds have. */

/** A connection that was just logging in when the lab cut it. @type {import('../declaration.mjs').Pattern} */
export const cutWhileLoggingIn = {
  channel: 'exchange',
  outcome: ['failure', 'unresolved'],
  code: ['CONNECTION_LOST'],
}

/**
 * Logins while a node ends, stands still or boots: to it, and to others, which ask it for the role.
 * @type {readonly import('../declaration.mjs').Pattern[]}
 */
export const nodeInTrouble = [{ channel: 'exchange', outcome: ['failure', 'unresolved', 'refused'] }]

/** Queries of the control, where a node ends. */
export const whatARestartCosts = /^(?:OperationTimedOutError|NoHostAvailableError|ResponseError)/
