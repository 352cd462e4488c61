export {
  absent,
  anything,
  atLeast,
  between,
  Matcher,
  nonEmpty,
  noneOf,
  oneOf,
  satisfying,
  text,
} from './matcher.js'
export { containing, inAnyOrder, ListPattern, lacking, type Pattern } from './pattern.js'
