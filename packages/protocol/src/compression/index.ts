export {
  type CompressionName,
  type CompressOptions,
  compressionNames,
  type DecompressOptions,
} from './codec.js'
export { compress, decompress } from './compress.js'
