export { defaultGroupConfig, type GroupConfig } from './config.js'
export type {
  CoordinatorRecord,
  GroupApi,
  GroupApis,
  GroupEffect,
  GroupEvent,
  GroupReply,
  GroupRequestEvent,
  GroupStateName,
  GroupTransition,
} from './events.js'
export { javaHashCode, partitionForGroup } from './java-hash.js'
export { createGroupMachine, type GroupMachine, type GroupMachineOptions } from './machine.js'
export type { TopicDirectory } from './step.js'
