export { conformanceTarget } from './conformance-target.js'
export { deviationsOf } from './deviations-of.js'
export { formatFaults } from './format-faults.js'
export { describeUnjudged, formatSetUps } from './format-set-ups.js'
export { memoryFolder } from './memory-folder.js'
export { runSetUps, type SetUpReport, type SetUpsOptions, unjudgedRules } from './run-set-ups.js'
export { allSetUps, type SetUp } from './set-ups.js'
export {
  addRun,
  decodeFaults,
  encodeFaults,
  noFaults,
  reportOf,
  rulesLeft,
} from './stored-faults.js'
