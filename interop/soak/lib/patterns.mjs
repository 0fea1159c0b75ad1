/** Patterns of events that several kinds share. */

/** A connection that the lab cut during its login. @type {import('../declaration.mjs').Pattern} */
export const cutWhileLoggingIn = {
  channel: 'exchange',
  outcome: ['failure', 'unresolved'],
  code: ['CONNECTION_LOST'],
}

/**
 * Logins while a node stops, is paused or boots: at this node, and at others, which ask it for the role.
 * @type {readonly import('../declaration.mjs').Pattern[]}
 */
export const nodeInTrouble = [{ channel: 'exchange', outcome: ['failure', 'unresolved', 'refused'] }]

/** Queries of the control when a node stops. */
export const whatARestartCosts = /^(?:OperationTimedOutError|NoHostAvailableError|ResponseError)/
