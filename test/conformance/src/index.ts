export { conformanceTarget } from './conformance-target.js'
export { describeUnjudged, formatSetUps } from './format-set-ups.js'
export { runSetUps, type SetUpReport, type SetUpsOptions, unjudgedRules } from './run-set-ups.js'
export { allSetUps, type SetUp } from './set-ups.js'
