/**
 * The shape of a row. A row is one file in `rows/`; adding the file is all there is to do.
 *
 * @typedef {object} Metric
 * @property {string} title
 * @property {string} unit '' where it is a ratio already
 * @property {'ratio' | 'difference'} [against] how each subject is held against the reference, inside each repeat; absent:
 *   the values speak for themselves
 *
 * @typedef {object} Subject
 * @property {string} title
 * @property {(context: Context) => Promise<Sample> | AsyncGenerator<Sample, void>} measure runs in a fresh process; what
 *   yields several rounds has them interleaved with those of the other subjects, and the median of its rounds counts
 * @property {string} [reference] instead of the row's
 *
 * @typedef {Record<string, number>} Sample the value of each metric; a round may lack some
 *
 * @typedef {object} Goal about the comparison with the reference where the metric has one, else about the values
 * @property {string} subject
 * @property {string} metric
 * @property {string} [reference] compared with this subject, instead of its usual reference
 * @property {number} [atMost] for the median
 * @property {number} [atLeast] for the median
 * @property {true} [notAboveReference] met unless the 95 % interval of the median lies above the reference
 *
 * @typedef {object} Running what the subjects of a row share, kept in a process of its own
 * @property {any} info handed to the subjects as `context.shared`: plain data
 * @property {() => unknown} [stop]
 *
 * @typedef {object} Row
 * @property {string} title
 * @property {string} about what is done, and what the numbers mean
 * @property {Record<string, Metric>} metrics
 * @property {Record<string, Subject>} subjects in the order of the table
 * @property {string} [reference] the subject that the others are held against
 * @property {Goal[]} [goals]
 * @property {number} [repeats] default 15
 * @property {() => Promise<Running>} [setUp] starts the server, installs what has to be there
 *
 * @typedef {object} Context
 * @property {any} shared `info` of `setUp`
 * @property {(full: number) => number} times as often as it says, or a few times in a smoke run
 */

export const defaultRepeats = 15

/** How often a smoke run does what a measurement does many times: enough to take every path. */
export const smokeTimes = 2
