export { cacheFolder, withLock } from './cache.js'
export {
  brokerJars,
  CURRENT_RELEASE,
  LAST_3_RELEASE,
  TOOLS_RELEASE,
  toolsJars,
} from './jar-sets.js'
export { type Artifact, fetchJars, type Jars } from './maven.js'
export { requires, type ToolName } from './requires.js'
export { type RunOptions, type RunResult, run } from './run.js'
export { type MessageVectors, readVectors, type Vector } from './vectors.js'
