export { createProgram } from './program.js'
export { reportFailure } from './report-failure.js'
