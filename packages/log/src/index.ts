export * from './log.js'
export * from './log-config.js'
export * from './storage/storage.js'
export * from './types.js'
